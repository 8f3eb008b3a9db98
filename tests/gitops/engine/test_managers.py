"""Whose fields are taken over: those of people's tools; nobody else's, and never what holds an object."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gitops.engine.managers import of_people
from tests.gitops.jobs import config_map, deployment

if TYPE_CHECKING:
    from tests.gitops.jobs import Body, Job
    from tests.gitops.person import Person


@pytest.mark.parametrize(
    ("manager", "people"),
    [
        ("kubectl", True),
        ("kubectl-edit", True),
        ("kubectl-client-side-apply", True),
        ("k9s", True),
        ("Lens", True),
        ("node-fetch", True),
        ("Mozilla", True),
        ("curl", True),
        ("before-first-apply", True),
        ("kubectlish", False),
        ("cert-manager-cainjector", False),
        ("manager", False),
        ("kube-controller-manager", False),
    ],
)
def test_the_tools_of_people_are_a_list(manager: str, people: bool) -> None:
    """What is not on it may be a controller, which would put its fields back for ever."""
    assert of_people(manager) is people


def test_an_unknown_manager_keeps_what_it_adds_and_is_listed(job: Job, person: Person) -> None:
    """Its annotation stays, each run names it, and what Git sets is Git's all the same."""
    job.repository.commit({"app/a.yaml": config_map("one", a="1")})
    job.sync()
    stranger = replace(person, manager="ca-injector")
    stranger.patch("ConfigMap", "one", {"metadata": {"annotations": {"ca": "x"}}, "data": {"bundle": "x"}})
    for _ in range(2):
        result = job.sync()
        assert (result.code, result.changes) == (0, {})
        [note] = result.summary()["notes"]
        assert "fields of the unknown manager ca-injector are left alone in 1 object" in note
    stranger.patch("ConfigMap", "one", {"data": {"a": "theirs"}})
    assert job.sync().changes == {"ConfigMap/one": "repaired"}
    live = person.live("ConfigMap", "one")
    assert (live["data"], live["metadata"]["annotations"]) == ({"a": "1", "bundle": "x"}, {"ca": "x"})
    job.options = {"coOwners": ["ca-injector"]}
    assert job.sync().summary()["notes"] == []


@pytest.mark.parametrize("manager", ["kubectl-edit", "some-controller"])
def test_finalizers_and_owners_are_never_taken(job: Job, person: Person, manager: str) -> None:
    """Whoever has set them: a controller would put them back, and what it cleans up would be lost."""
    job.repository.commit({"app/a.yaml": [config_map("owner"), config_map("one", a="1")]})
    job.sync()
    uid = person.live("ConfigMap", "owner")["metadata"]["uid"]
    hold = {
        "finalizers": ["example.com/hold"],
        "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid}],
    }
    replace(person, manager=manager).patch("ConfigMap", "one", {"metadata": hold, "data": {"a": "9"}})
    assert job.sync().changes == {"ConfigMap/one": "repaired"}
    live = person.live("ConfigMap", "one")
    assert {name: live["metadata"][name] for name in hold} == hold
    assert live["data"] == {"a": "1"}
    assert job.sync().changes == {}
    person.patch("ConfigMap", "one", [{"op": "remove", "path": "/metadata/finalizers"}])


@pytest.mark.parametrize("manager", ["kubelet", "kube-scheduler", "gitops"])
def test_a_borrowed_name_hides_no_drift(job: Job, person: Person, manager: str) -> None:
    """Kubelet and scheduler write status and bindings alone, and the job itself applies."""
    job.repository.commit({"app/a.yaml": config_map("one", a="1")})
    job.sync()
    replace(person, manager=manager).patch("ConfigMap", "one", {"data": {"a": "9", "b": "more"}})
    assert job.sync().changes == {"ConfigMap/one": "repaired"}
    assert person.live("ConfigMap", "one")["data"] == {"a": "1"}
    assert job.sync().changes == {}


def _autoscaler() -> Body:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    cpu = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}},
    }
    spec = {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 9, "metrics": [cpu]}
    meta = {"name": "web"}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta, "spec": spec}


_V1 = "/apis/autoscaling/v1/namespaces/{}/horizontalpodautoscalers/web"


@pytest.mark.parametrize(
    "change",
    [
        {"spec": {"targetCPUUtilizationPercentage": 99}},
        {"spec": {"maxReplicas": 99}},
        {"metadata": {"labels": {"by": "hand"}}, "spec": {"minReplicas": 1}},
        {"metadata": {"annotations": {"by": "hand"}}},
    ],
)
def test_drift_through_another_version_is_repaired(job: Job, person: Person, change: Any) -> None:
    """A field is owned in the version in which it was written; after the run the server holds what Git says."""
    job.repository.commit({"app/a.yaml": _autoscaler()})
    job.sync()
    before = person.live("HorizontalPodAutoscaler", "web")
    headers = {"Content-Type": "application/merge-patch+json"}
    path, params = _V1.format(job.namespace), {"fieldManager": "kubectl-edit"}
    answer = person.http.patch(path, params=params, json=change, headers=headers)
    assert answer.is_success, answer.text
    assert job.diff().changes == {"HorizontalPodAutoscaler/web": "repaired"}
    result = job.sync()
    assert (result.code, result.changes) == (0, {"HorizontalPodAutoscaler/web": "repaired"}), result.messages
    live = person.live("HorizontalPodAutoscaler", "web")
    assert live["spec"] == before["spec"]
    assert live["metadata"]["labels"] == before["metadata"]["labels"]
    assert "annotations" not in live["metadata"]
    assert {entry["manager"] for entry in live["metadata"]["managedFields"]} == {"gitops"}
    assert job.sync().changes == {}


RESTART = {"kubectl.kubernetes.io/restartedAt": "2026-11-21T12:00:00Z"}


def test_a_restart_is_neither_drift_nor_undone_by_the_next_change(job: Job, person: Person) -> None:
    """As `kubectl rollout restart` asks for it: pods roll once and not twice."""
    job.repository.commit({"app/a.yaml": deployment("web")})
    job.sync()
    restart = {"spec": {"template": {"metadata": {"annotations": RESTART}}}}
    replace(person, manager="kubectl-rollout").patch("Deployment", "web", restart)
    for _ in range(2):
        assert job.diff().changes == {}
        result = job.sync()
        assert (result.code, result.changes) == (0, {})
    job.repository.commit({"app/a.yaml": deployment("web", image="registry.example.com/web:2.0.0")})
    fields = next(line["fields"] for line in job.diff().lines if line["event"] == "change")
    assert [field["path"] for field in fields] == ["spec.template.spec.containers[web].image"]
    assert job.sync().changes == {"Deployment/web": "changed"}
    live = person.live("Deployment", "web")
    assert live["spec"]["template"]["metadata"]["annotations"] == RESTART
    other = {"spec": {"template": {"metadata": {"annotations": {"by": "hand"}}}}}
    replace(person, manager="kubectl-edit").patch("Deployment", "web", other)
    assert job.sync().changes == {"Deployment/web": "repaired"}
    live = person.live("Deployment", "web")
    assert live["spec"]["template"]["metadata"]["annotations"] == RESTART
