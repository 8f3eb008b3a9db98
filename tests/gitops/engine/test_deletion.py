"""What is deleted with care: data, namespaces in use, kinds that moved, and objects that need their controller."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from kube.labels import PREFIX
from tests.gitops.jobs import annotated, config_map, deployment
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitops.cluster.api import Connection
    from tests.gitops.jobs import Body, Job
    from tests.gitops.person import Person

GROUPS = ("*", "apps/*", "apiextensions.k8s.io/*")


def _space(name: str) -> Body:
    labels = {
        "pod-security.kubernetes.io/enforce": "restricted",
        f"{PREFIX}/environment": "qa",
        f"{PREFIX}/tier": "production",
    }
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _in(namespace: str, body: Body) -> Body:
    return body | {"metadata": body["metadata"] | {"namespace": namespace}}


@pytest.fixture
def space(job: Job, connection: Connection) -> Iterator[str]:
    """Give the name of a namespace that the job may make."""
    name = f"{job.namespace}-more"
    rules = {"repositories": [f"file://{job.repository.folder}"], "kinds": list(GROUPS)}
    job.extra = {"projects": {"all": rules | {"namespaces": [job.namespace, name]}}}
    yield name
    connection.http.delete(f"/api/v1/namespaces/{name}")


def _terminating(connection: Connection, name: str) -> bool:
    answer = connection.http.get(f"/api/v1/namespaces/{name}")
    return answer.status_code == 404 or "deletionTimestamp" in answer.json()["metadata"]


def test_a_namespace_in_use_stays_and_an_empty_one_goes(job: Job, connection: Connection, space: str) -> None:
    """What somebody else has made in it would be deleted with it; the report names it."""
    job.repository.commit(
        {"app/a.yaml": [_space(space), _in(space, config_map("ours"))], "app/b.yaml": config_map("x")}
    )
    job.sync()
    configs = f"/api/v1/namespaces/{space}/configmaps"
    connection.http.post(configs, json=config_map("theirs"))
    job.repository.commit({"app/a.yaml": None})
    result = job.sync()
    assert result.changes == {"ConfigMap/ours": "deleted", f"Namespace/{space}": "orphaned"}
    assert f"it is in use by ConfigMap/{space}/theirs" in result.messages
    assert not _terminating(connection, space)
    assert job.sync().changes == {}
    connection.http.delete(f"{configs}/theirs")
    job.repository.commit({"app/a.yaml": _space(space)})
    job.sync()
    job.repository.commit({"app/a.yaml": None})
    assert job.sync().changes == {f"Namespace/{space}": "deleting"}
    assert _terminating(connection, space)


def test_a_namespace_that_says_so_goes_with_all_that_is_in_it(
    job: Job, connection: Connection, space: str
) -> None:
    """The annotation is in Git, so somebody reviewed it."""
    job.repository.commit(
        {"app/a.yaml": annotated(_space(space), prune="enabled"), "app/b.yaml": config_map("x")}
    )
    job.sync()
    connection.http.post(f"/api/v1/namespaces/{space}/configmaps", json=config_map("theirs"))
    job.repository.commit({"app/a.yaml": None})
    assert job.sync().changes == {f"Namespace/{space}": "deleting"}


def _claim(**marks: str) -> Body:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    meta = {"name": "data"}
    return annotated(
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": spec}, **marks
    )


def _definition(group: str, *versions: str, **marks: str) -> Body:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = [
        {"name": name, "served": True, "storage": name == versions[-1], "schema": {"openAPIV3Schema": schema}}
        for name in versions
    ]
    names = {"plural": "things", "singular": "thing", "kind": "Thing"}
    meta = {"name": f"things.{group}"}
    return annotated(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": meta,
            "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": served},
        },
        **marks,
    )


@pytest.mark.parametrize(("marks", "action"), [({}, "orphaned"), ({"prune": "enabled"}, "delet")])
def test_claims_and_definitions_go_only_if_they_say_so(job: Job, marks: dict[str, str], action: str) -> None:
    """Volumes and all objects of a kind would go with them."""
    job.kinds = GROUPS
    group = f"t{secrets.token_hex(4)}.example.com"
    job.repository.commit(
        {"app/a.yaml": [_claim(**marks), _definition(group, "v1", **marks)], "app/b.yaml": config_map("x")}
    )
    job.rest()
    job.repository.commit({"app/a.yaml": None})
    messages = job.diff().messages
    found = {name.split("/")[0]: actions[-1] for name, actions in job.rest().items()}
    assert set(found) == {"CustomResourceDefinition", "PersistentVolumeClaim"}
    assert all(done.startswith(action) for done in found.values()), found
    assert ("annotate it with environments.internal/prune: enabled" in messages) is (not marks)


def _thing(group: str, version: str, name: str = "one", **metadata: Any) -> Body:
    return {"apiVersion": f"{group}/{version}", "kind": "Thing", "metadata": {"name": name, **metadata}}


def _served(connection: Connection, group: str, version: str) -> bool:
    return connection.http.get(f"/apis/{group}/{version}/things").status_code == 200


def test_a_controller_stays_until_its_objects_are_gone(
    job: Job, person: Person, connection: Connection
) -> None:
    """Only the controller can remove the finalizer; its Deployment, a rank below, waits for that."""
    group = f"t{secrets.token_hex(4)}.example.com"
    job.kinds = (*GROUPS, f"{group}/*")
    held = _thing(group, "v1", finalizers=["example.com/clean-up"])
    job.repository.commit({"app/a.yaml": [_definition(group, "v1"), deployment("controller", 0), held],
                           "app/b.yaml": config_map("x")})  # fmt: skip
    job.rest()
    job.repository.commit({"app/a.yaml": _definition(group, "v1")})
    for _ in range(2):
        result = job.sync()
        assert result.changes == {"Thing/one": "deleting", "Deployment/controller": "held"}
        assert f"is deleted once Thing/{job.namespace}/one is gone" in result.messages
    assert person.get("Deployment", "controller") is not None
    path = f"/apis/{group}/v1/namespaces/{job.namespace}/things/one"
    headers = {"Content-Type": "application/merge-patch+json"}
    connection.http.patch(path, json={"metadata": {"finalizers": None}}, headers=headers)
    assert job.sync().changes == {"Deployment/controller": "deleted"}


def test_a_record_is_found_in_whatever_version_its_kind_is_served(job: Job, connection: Connection) -> None:
    """A version that is no longer served neither stops the job nor makes it forget an object that lives."""
    group = f"t{secrets.token_hex(4)}.example.com"
    job.kinds = (*GROUPS, f"{group}/*")
    job.applications = {"app": job.application(), "other": job.application("other")}
    job.repository.commit({"app/a.yaml": [_definition(group, "v1", "v2"), config_map("x")],
                           "app/b.yaml": _thing(group, "v1"), "other/c.yaml": config_map("other", a="1")})  # fmt: skip
    job.rest()
    definitions = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.{group}"
    unserved = [{"op": "replace", "path": "/spec/versions/0/served", "value": False}]
    patched = connection.http.patch(
        definitions, json=unserved, headers={"Content-Type": "application/json-patch+json"}
    )
    assert patched.is_success, patched.text
    wait_until(lambda: not _served(connection, group, "v1"), "v1 is no longer served")
    definition = _definition(group, "v1", "v2")
    definition["spec"]["versions"][0]["served"] = False
    job.repository.commit({"app/a.yaml": [definition, config_map("x")], "app/b.yaml": None,
                           "other/c.yaml": config_map("other", a="2")})  # fmt: skip
    result = job.sync()
    assert result.changes == {"Thing/one": "deleted", "ConfigMap/other": "changed"}, result.messages
    assert connection.http.get(f"/apis/{group}/v2/namespaces/{job.namespace}/things").json()["items"] == []
