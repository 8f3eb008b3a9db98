"""What has left a production stack, by what the stack holds and what the layers want."""

from typing import Any

import pytest

from components.objects.manifest import Manifest, Part
from components.stack.outputs import Outputs
from components.stack.removal import Removal, advice, may_have_left, removed

START = "urn:pulumi:prod::web::environments:index:Environment$environments:index:App$kubernetes:"
NOW: Outputs = {
    "namespaces": {"shop": "shop-prod"},
    "services": {"shop/web": ["web.shop-prod.svc:80"]},
    "hosts": {},
    "images": {"shop/web": ["web:2"]},
}


def urn(kind: str, name: str, namespace: str = "shop-prod", group: str = "apps/v1") -> str:
    """URN of an object of the stack."""
    path = f"Namespace/{name}" if kind == "Namespace" else f"{namespace}/apps/{kind}/{name}"
    return f"{START}{group}:{kind}::{path}"


def resource(app: str, workload: str = "") -> dict[str, Any]:
    """Give the outputs of a resource of an app."""
    labels = {"app.kubernetes.io/part-of": app}
    return {
        "outputs": {
            "metadata": {"labels": labels | ({"app.kubernetes.io/name": workload} if workload else {})}
        }
    }


SPACE, WEB = urn("Namespace", "shop-prod", group="core/v1"), urn("Deployment", "web")
OLD_SPACE, OLD_WEB = urn("Namespace", "old-prod", group="core/v1"), urn("Deployment", "web", "old-prod")
WORKER, WRITTEN = urn("Deployment", "worker"), urn("StatefulSet", "by-hand")
JOB = urn("Job", "migration-a", group="batch/v1")
STAYS = {SPACE: resource("shop"), WEB: resource("shop", "web")}


@pytest.fixture
def wanted() -> list[Manifest]:
    """Give the objects of the app that stays."""
    labels = {"app.kubernetes.io/part-of": "shop"}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop-prod", "labels": labels}}
    metadata = {"name": "web", "namespace": "shop-prod", "labels": labels | {"app.kubernetes.io/name": "web"}}
    web = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
    return [Manifest(each, Part.WORKLOAD, "shop", (), "test") for each in (space, web)]


@pytest.mark.parametrize(
    ("before", "left"),
    [
        ({}, False),
        (NOW, False),
        ({**NOW, "services": {}}, False),
        ({**NOW, "images": {"shop/worker": ["worker:1"]}}, True),
        ({**NOW, "namespaces": {"shop": "shop-prod", "old": "old-prod"}}, True),
        ({**NOW, "objectsThatLeft": 1}, True),
        ({"namespaces": "what is this"}, False),
    ],
    ids=["a first run", "nothing", "something new", "a workload", "an app", "not done", "a damaged state"],
)
def test_outputs_tell_whether_something_may_have_left(before: dict[str, Any], *, left: bool) -> None:
    assert may_have_left(before, NOW) is left


@pytest.mark.parametrize(
    ("gone", "names"),
    [
        ({}, []),
        ({WORKER: resource("shop", "worker")}, ["shop/worker"]),
        ({WRITTEN: resource("shop")}, []),
        ({OLD_SPACE: resource("old"), OLD_WEB: resource("old", "web")}, ["old"]),
        ({OLD_WEB: {}}, []),
    ],
    ids=["nothing", "a workload without ports", "an object of an app that stays", "an app", "no labels"],
)
def test_the_protected_resources_that_have_left_are_named(
    wanted: list[Manifest], gone: dict[str, Any], names: list[str]
) -> None:
    assert removed({**STAYS, **gone}, wanted) == Removal(names, sorted(gone))


def test_what_is_not_protected_goes_without_a_word(wanted: list[Manifest]) -> None:
    assert removed({**STAYS, JOB: resource("shop", "migration")}, wanted) == Removal([], [])


def test_an_object_in_another_version_of_its_api_has_not_left(wanted: list[Manifest]) -> None:
    earlier = WEB.replace("apps/v1:", "apps/v1beta1:")
    assert removed({SPACE: STAYS[SPACE], earlier: STAYS[WEB]}, wanted) == Removal([], [])


def test_what_has_no_name_of_its_own_is_removed_by_its_resource() -> None:
    lines = advice("prod", Removal([], [WORKER])).splitlines()
    assert lines[1:] == [f"  pulumi state unprotect '{WORKER}' --stack prod --yes"]


def test_each_gets_its_command_and_all_resources_one() -> None:
    lines = advice("prod", Removal(["old", "shop/web"], [OLD_SPACE, WEB])).splitlines()
    assert lines[1:3] == ["  envs retire old --from prod", "  envs retire shop/web --from prod"]
    assert lines[-1] == f"  pulumi state unprotect '{OLD_SPACE}' '{WEB}' --stack prod --yes"
