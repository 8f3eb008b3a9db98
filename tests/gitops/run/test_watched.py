"""What the job reads and never writes: foreign objects in the namespaces of its environment."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.gitops.jobs import config_map, deployment, network_policy

if TYPE_CHECKING:
    from tests.gitops.jobs import Body, Job, Result
    from tests.gitops.person import Person


@pytest.fixture(autouse=True)
def _watched(job: Job) -> None:
    """Let the job watch its two namespaces, and what is pushed from fence/."""
    url = f"file://{job.repository.folder}"
    job.extra = {
        "watched": {
            "source": {"repository": url, "path": "fence", "revision": "main"},
            "namespaces": [job.namespace, job.home],
            "expected": [{"kind": "ServiceAccount", "name": "web", "because": "the test makes it"}],
        }
    }
    job.repository.commit({"app/one.yaml": config_map("one", a="1"), "fence/np.yaml": _placed(job, "fenced")})


def _placed(job: Job, name: str) -> Body:
    policy = network_policy(name)
    return policy | {"metadata": policy["metadata"] | {"namespace": job.namespace}}


def _foreign(result: Result) -> list[str]:
    summary = result.summary("environment")
    assert "foreign" in summary, summary["message"]
    return [each["object"] for each in summary["foreign"]]


def _drift(result: Result) -> dict[str, Any]:
    return {each["object"]: each["fields"] for each in result.summary("environment")["drift"]}


def test_what_is_in_git_or_made_by_the_cluster_is_not_foreign(job: Job, person: Person) -> None:
    """Pulled, pushed, and the records of the job itself; Secrets are not read, and that is said."""
    person.create(network_policy("fenced"))
    result = job.sync()
    summary = result.summary("environment")
    assert (result.code, summary["foreign"], summary["unseen"]) == (0, [], ["Secret (never read)"])


def test_a_foreign_object_is_reported_everywhere_and_left_alone(job: Job, person: Person) -> None:
    """In the log, in the status, in an Event that is not repeated, and in the metrics."""
    home = replace(person, namespace=job.home)
    person.create(network_policy("fenced"))
    job.sync()
    replace(person, manager="kubectl-create").create(network_policy("open"))
    for _ in range(2):
        result = job.sync()
        assert (result.code, _foreign(result)) == (0, [f"NetworkPolicy/{job.namespace}/open"])
    [line] = json.loads(home.live("ConfigMap", "status-environment")["data"]["foreign"])
    made = person.live("NetworkPolicy", "open")["metadata"]["creationTimestamp"]
    assert line == f"NetworkPolicy/{job.namespace}/open was made by kubectl-create, {made}"
    events = [home.live("Event", name) for name in home.names("Event")]
    [event] = [each for each in events if each["reason"] == "Foreign"]
    assert (event["message"], event["type"]) == (f"environment: {line}", "Warning")


def test_drift_of_what_others_push_is_reported_and_not_repaired(job: Job, person: Person) -> None:
    """A fence that somebody has opened, with field, values, manager and time; and one that is gone."""
    home, name = replace(person, namespace=job.home), f"NetworkPolicy/{job.namespace}/fenced"
    assert _drift(job.sync()) == {name: []}
    replace(person, manager="pulumi-kubernetes-1").apply(network_policy("fenced"))
    result = job.sync()
    assert (_drift(result), result.summary("environment")["sync"]) == ({}, "InSync")
    person.patch("NetworkPolicy", "fenced", [{"op": "replace", "path": "/spec/ingress", "value": [{}]}])
    result = job.sync()
    [field] = _drift(result)[name]
    assert (field["path"], field["manager"]) == ("spec.ingress[0].from", "kubectl-edit")
    assert (result.code, result.changes, result.summary("environment")["sync"]) == (0, {}, "OutOfSync")
    assert person.live("NetworkPolicy", "fenced")["spec"]["ingress"] == [{}]
    [line] = json.loads(home.live("ConfigMap", "status-environment")["data"]["drift"])
    assert line.startswith(f"{name} spec.ingress[0].from: absent -> ")
    assert f" (kubectl-edit, {field['time']})" in line
    events = [home.live("Event", each) for each in home.names("Event")]
    assert f"environment: {line}" in [each["message"] for each in events if each["reason"] == "Drifted"]


def test_a_source_that_cannot_be_read_stops_no_application(job: Job, person: Person) -> None:
    """It is reported beside them."""
    job.repository.commit({"fence/np.yaml": "a: [", "app/two.yaml": config_map("two")})
    result = job.sync()
    assert (result.code, result.summary()["sync"]) == (2, "InSync")
    assert "fence/np.yaml:" in result.summary("environment")["message"]
    assert person.get("ConfigMap", "two") is not None


def test_what_a_foreign_object_owns_is_not_listed_beside_it(job: Job, person: Person) -> None:
    """Its Pods and ReplicaSets go with it."""
    person.create(network_policy("fenced"))
    uid = person.create(deployment("mine"))["metadata"]["uid"]
    owned: Any = config_map("owned")
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "mine", "uid": uid}
    owned["metadata"]["ownerReferences"] = [owner]
    person.create(owned)
    assert _foreign(job.sync()) == [f"Deployment/{job.namespace}/mine"]
