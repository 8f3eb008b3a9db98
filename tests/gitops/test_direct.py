"""The engine without Git, as `envs up`, `envs down` and `envs status` use it."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gitops.direct import LiveEnvironment, live
from gitops.errors import RefusedError
from gitops.objects import Key
from kube.pods import images
from tests.gitops.jobs import config_map, deployment

if TYPE_CHECKING:
    from gitops.cluster.api import Connection
    from gitops.report.outcome import Outcome
    from tests.gitops.person import Person


@pytest.fixture
def environment(connection: Connection) -> LiveEnvironment:
    """Give an environment of its own."""
    return LiveEnvironment(f"e{secrets.token_hex(3)}", connection)


def _in(namespace: str, body: dict[str, Any]) -> dict[str, Any]:
    return body | {"metadata": body["metadata"] | {"namespace": namespace}}


def _actions(outcome: Outcome) -> dict[str, str]:
    return {f"{change.key.kind}/{change.key.name}": str(change.action) for change in outcome.changes}


def test_up_applies_and_prunes_and_down_takes_everything_away(
    environment: LiveEnvironment, person: Person, namespace: str
) -> None:
    """A diff before says the same and writes nothing."""
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{environment.name}-site"}}
    one, two = _in(space["metadata"]["name"], config_map("one")), _in(namespace, config_map("two"))  # type: ignore[index]
    environment.up([])
    assert _actions(environment.diff([two])) == {"ConfigMap/two": "created"}
    assert person.get("ConfigMap", "two") is None
    assert set(_actions(environment.up([space, one, two])).values()) == {"created"}
    assert environment.up([space, one, two]).changes == ()
    assert _actions(environment.up([space, one])) == {"ConfigMap/two": "deleted"}
    down = [change.key.kind for change in environment.down().changes]
    assert down == ["ConfigMap", "Namespace"]


def test_what_pulumi_manages_is_refused(environment: LiveEnvironment, person: Person, namespace: str) -> None:
    """One writer per object."""
    replace(person, manager="pulumi-kubernetes-1a2b").create(config_map("one", a="1"))
    outcome = environment.up([_in(namespace, config_map("one", a="2"))])
    assert (outcome.code, _actions(outcome)) == (3, {"ConfigMap/one": "refused"})
    assert "is managed by pulumi-kubernetes-1a2b" in outcome.changes[0].message
    assert person.live("ConfigMap", "one")["data"] == {"a": "1"}


def test_the_wrong_cluster_is_refused(environment: LiveEnvironment, person: Person, namespace: str) -> None:
    """Before anything is read or written."""
    elsewhere = replace(environment, uid="another")
    with pytest.raises(RefusedError, match="the cluster has the uid"):
        elsewhere.up([_in(namespace, config_map("one"))])
    with pytest.raises(RefusedError, match="the cluster has the uid"):
        elsewhere.down()
    assert person.get("ConfigMap", "one") is None
    right = replace(environment, uid=environment.cluster.uid())
    assert right.up([_in(namespace, config_map("one"))]).code == 0


def test_live_objects_and_their_images_are_read(environment: LiveEnvironment, namespace: str) -> None:
    """For the comparison of images that run with images that are wanted."""
    body = _in(namespace, deployment("web", image="registry.example.com/web:2.0.0"))
    environment.up([body])
    found = live(environment.cluster, [body, _in(namespace, config_map("missing"))])
    assert list(found) == [Key("apps", "Deployment", namespace, "web")]
    assert images(next(iter(found.values()))) == {"web": "registry.example.com/web:2.0.0"}
