"""Drift: whatever people change on an applied object is undone, and what belongs to others stays."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gitops.engine.ownership import content
from tests.gitops.jobs import config_map, deployment, network_policy

if TYPE_CHECKING:
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person

SIDECAR = {"spec": {"template": {"spec": {"containers": [{"name": "spy", "image": "evil"}]}}}}
HOST = {"spec": {"template": {"spec": {"hostNetwork": True}}}}
RULE = [{"op": "add", "path": "/spec/ingress/-", "value": {}}]


@pytest.mark.parametrize("manager", ["kubectl-edit", "curl", "before-first-apply"])
@pytest.mark.parametrize(
    ("target", "change"),
    [
        ("Deployment/web", {"spec": {"replicas": 10}}),
        ("Deployment/web", SIDECAR),
        ("Deployment/web", HOST),
        ("Deployment/web", {"metadata": {"labels": {"by": "hand"}, "annotations": {"x": "y"}}}),
        (
            "Deployment/web",
            {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "x"}]}}}},
        ),
        ("NetworkPolicy/np", RULE),
        ("ConfigMap/one", {"data": {"a": "other", "b": "more"}}),
        ("ConfigMap/one", {"metadata": {"labels": {"environments.internal/application": None}}}),
    ],
)
def test_a_change_by_hand_is_undone(job: Job, person: Person, target: str, change: Any, manager: str) -> None:
    """The object's content is again what it was, whoever made the change, and the next run rests."""
    job.repository.commit(
        {"app/all.yaml": [config_map("one", a="1"), deployment("web"), network_policy("np")]}
    )
    job.sync()
    kind, name = target.split("/")
    before = content(person.live(kind, name))
    replace(person, manager=manager).patch(kind, name, change)
    result = job.sync()
    assert result.changes == {target: "repaired"}, result.messages
    assert _lasting(content(person.live(kind, name))) == _lasting(before)
    assert job.sync().changes == {}


def _lasting(body: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the Deployment controller counts."""
    marks = body["metadata"].get("annotations") or {}
    kept = {name: value for name, value in marks.items() if name != "deployment.kubernetes.io/revision"}
    return body | {"metadata": {**body["metadata"], "annotations": kept}}


def test_a_scale_by_kubectl_is_undone(job: Job, person: Person) -> None:
    """The scale subresource is a way in like any other."""
    job.repository.commit({"app/all.yaml": [deployment("web")]})
    job.sync()
    person.patch("Deployment", "web", {"spec": {"replicas": 10}}, "scale")
    result = job.sync()
    assert result.changes == {"Deployment/web": "repaired"}
    assert result.lines[0]["repairs"] == [
        {"path": "spec.replicas", "before": "10", "after": "2", "manager": "kubectl-edit"}
    ]  # the API server records no time for the subresource
    assert person.live("Deployment", "web")["spec"]["replicas"] == 2


def test_a_removed_field_names_the_latest_writer(job: Job, person: Person) -> None:
    """Nobody holds what is gone, so that the latest writer since the job's own apply is the one to ask."""
    job.repository.commit({"app/all.yaml": [config_map("one", a="1", b="2")]})
    job.sync()
    person.patch("ConfigMap", "one", {"data": {"b": None, "c": "3"}})
    (line,) = [each for each in job.sync().lines if each["event"] == "change"]
    assert {(each["path"], each["manager"]) for each in line["repairs"]} == {
        ("data.b", "kubectl-edit"),
        ("data.c", "kubectl-edit"),
    }
    assert all(datetime.fromisoformat(each["time"]) <= datetime.now(UTC) for each in line["repairs"])


def test_a_change_of_git_and_a_repair_are_told_apart(job: Job, person: Person) -> None:
    """In the log, in the counts, in the history and in Events; a field that Git changes names nobody."""
    home = replace(person, namespace=job.home)
    job.repository.commit({"app/all.yaml": [config_map("one", a="1"), config_map("two", a="1", b="1")]})
    job.sync()
    job.repository.commit({"app/all.yaml": [config_map("one", a="1"), config_map("two", a="2", b="1")]})
    person.patch("ConfigMap", "one", {"data": {"a": "hand"}})
    person.patch("ConfigMap", "two", {"data": {"b": "hand"}})
    result = job.sync()
    assert result.changes == {"ConfigMap/one": "repaired", "ConfigMap/two": "changed"}
    mixed = next(line for line in result.lines if line.get("action") == "changed")
    assert (mixed["fields"], [each["path"] for each in mixed["repairs"]]) == (
        ["data.a", "data.b"],
        ["data.b"],
    )
    row = json.loads(home.live("ConfigMap", "status-app")["data"]["history"].splitlines()[0])
    assert row["counts"] == {"changed": 1, "repaired": 1, "unchanged": 0}
    assert [line.partition(" (")[0] for line in row["repairs"]] == [
        f'ConfigMap/{job.namespace}/one data.a: "hand" -> "1"',
        f'ConfigMap/{job.namespace}/two data.b: "hand" -> "1"',
    ]
    assert "(kubectl-edit, 2" in row["repairs"][0]
    events = [home.live("Event", name) for name in home.names("Event")]
    (repaired,) = [event for event in events if event["reason"] == "Repaired"]
    said = "\n".join(row["repairs"])
    assert (repaired["type"], repaired["message"]) == ("Warning", f"app: {said}")


def test_a_repaired_secret_value_is_shown_as_a_digest(job: Job, person: Person) -> None:
    """What the field is called decides, as everywhere in a report."""
    job.repository.commit({"app/all.yaml": config_map("one", a="1")})
    job.sync()
    person.patch("ConfigMap", "one", {"data": {"password": "hunter2", "b": "Bearer hunter3="}})
    (line,) = [each for each in job.sync().lines if each["event"] == "change"]
    assert {each["path"]: "***" in each["before"] for each in line["repairs"]} == {
        "data.password": True,
        "data.b": True,
    }
    assert "hunter" not in json.dumps(line)


def test_a_deleted_object_returns(job: Job, person: Person) -> None:
    """Missing is drift, too."""
    job.repository.commit({"app/one.yaml": config_map("one", a="1")})
    job.sync()
    person.delete("ConfigMap", "one")
    result = job.sync()
    assert result.changes == {"ConfigMap/one": "repaired"}
    assert "is gone, and nothing in Git has asked for that" in result.messages
    assert person.live("ConfigMap", "one")["data"] == {"a": "1"}


def test_what_kubectl_applied_before_is_adopted_and_then_prunable(job: Job, person: Person) -> None:
    """Fields of the first author vanish when Git does not have them, the last-applied annotation among them."""
    old = config_map("one", a="0", b="old")
    old["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    replace(person, manager="kubectl-client-side-apply").create(old)
    job.options = {"adopt": "all"}
    job.repository.commit({"app/one.yaml": config_map("one", a="1")})
    assert job.sync().changes == {"ConfigMap/one": "changed"}
    live = person.live("ConfigMap", "one")
    assert live["data"] == {"a": "1"}
    assert "annotations" not in live["metadata"]
    assert {entry["manager"] for entry in live["metadata"]["managedFields"]} == {"gitops"}


def test_a_declared_co_owner_is_respected_and_a_clash_with_it_reported(job: Job, person: Person) -> None:
    """Its additions stay; where it has taken a field that Git sets, nobody is overruled."""
    job.options = {"coOwners": ["injector"]}
    job.repository.commit({"app/all.yaml": [config_map("one", a="1"), config_map("two", a="1")]})
    job.sync()
    injector = replace(person, manager="injector")
    injector.patch("ConfigMap", "one", {"data": {"bundle": "x"}})
    assert job.sync().changes == {}
    injector.patch("ConfigMap", "two", {"data": {"a": "theirs"}})
    result = job.sync()
    assert (result.code, result.changes) == (3, {"ConfigMap/two": "refused"})
    assert 'conflict with "injector"' in result.messages
    assert person.live("ConfigMap", "one")["data"] == {"a": "1", "bundle": "x"}
    assert person.live("ConfigMap", "two")["data"] == {"a": "theirs"}
    assert job.sync().code == 3


def test_an_ignored_field_keeps_its_live_value(job: Job, person: Person) -> None:
    """Neither drift nor a change in Git touches it, and other fields are still applied."""
    job.options = {"ignore": [{"kind": "ConfigMap", "name": "one", "pointers": ["/data/a"]}]}
    job.repository.commit({"app/one.yaml": config_map("one", a="1", b="1")})
    job.sync()
    person.patch("ConfigMap", "one", {"data": {"a": "hand"}})
    assert job.sync().changes == {}
    job.repository.commit({"app/one.yaml": config_map("one", a="2", b="2")})
    assert job.sync().changes == {"ConfigMap/one": "changed"}
    assert person.live("ConfigMap", "one")["data"] == {"a": "hand", "b": "2"}


def _autoscaler(low: int) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": low, "maxReplicas": 9}
    meta = {"name": "web"}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta, "spec": spec}


def test_switching_autoscaling_on_never_drops_to_one(job: Job, person: Person) -> None:
    """Replicas leave Git while only the job owns them: they keep their live value."""
    job.repository.commit({"app/web.yaml": deployment("web", replicas=5)})
    job.sync()
    job.repository.commit({"app/web.yaml": [deployment("web", replicas=None), _autoscaler(3)]})
    assert job.sync().changes == {"HorizontalPodAutoscaler/web": "created"}
    assert person.live("Deployment", "web")["spec"]["replicas"] == 5
    image = deployment("web", replicas=None, image="registry.example.com/web:2.0.0")
    job.repository.commit({"app/web.yaml": [image, _autoscaler(3)]})
    job.sync()
    assert person.live("Deployment", "web")["spec"]["replicas"] == 5


def test_autoscaled_replicas_are_kept(job: Job, person: Person) -> None:
    """The autoscaler writes through the scale subresource and is not fought."""
    job.repository.commit({"app/web.yaml": [deployment("web", replicas=2), _autoscaler(2)]})
    job.sync()
    autoscaler = replace(person, manager="kube-controller-manager")
    autoscaler.patch("Deployment", "web", {"spec": {"replicas": 7}}, "scale")
    assert job.sync().changes == {}
    image = deployment("web", replicas=2, image="registry.example.com/web:2.0.0")
    job.repository.commit({"app/web.yaml": [image, _autoscaler(2)]})
    assert job.sync().changes == {"Deployment/web": "changed"}
    assert person.live("Deployment", "web")["spec"]["replicas"] == 7
