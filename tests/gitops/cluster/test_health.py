"""Health: one row per kind and state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gitops.__main__ import main
from gitops.cluster.health import Assessment, Health, assess, worst

if TYPE_CHECKING:
    from pathlib import Path

API = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "ReplicaSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
    "Ingress": "networking.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    "APIService": "apiregistration.k8s.io/v1",
    "Certificate": "cert-manager.io/v1",
}
FULL = {
    "observedGeneration": 1,
    "replicas": 2,
    "updatedReplicas": 2,
    "availableReplicas": 2,
    "readyReplicas": 2,
}
TWO = {"replicas": 2}
NODES = {
    "observedGeneration": 1,
    "desiredNumberScheduled": 2,
    "updatedNumberScheduled": 2,
    "numberAvailable": 2,
}


def condition(name: str, status: str, reason: str = "") -> dict[str, Any]:
    """Return a status with one condition."""
    return {"conditions": [{"type": name, "status": status, "reason": reason}]}


def conditions(**statuses: str) -> dict[str, Any]:
    """Return a status with several conditions."""
    return {"conditions": [{"type": name, "status": status} for name, status in statuses.items()]}


def aged(name: str, status: str, generation: int, reason: str = "") -> dict[str, Any]:
    """Return a status with one condition about a generation."""
    found = condition(name, status, reason)
    found["conditions"][0]["observedGeneration"] = generation
    return found


def crashing(state: str, restarts: int, *, code: int = 1, ready: bool = False) -> dict[str, Any]:
    """Return the status of a pod whose container has crashed."""
    ended = {"terminated": {"exitCode": code}}
    now = {
        "terminated": ended,
        "running": {"running": {}},
        "waiting": {"waiting": {"reason": "CrashLoopBackOff"}},
    }
    container = {"name": "web", "restartCount": restarts, "ready": ready, "state": now[state]}
    container |= {"lastState": ended} if restarts else {}
    found = condition("Ready", "True" if ready else "False")
    return {"phase": "Running", "containerStatuses": [container]} | found


@pytest.mark.parametrize(
    ("kind", "spec", "status", "word"),
    [
        ("Deployment", TWO, FULL, "Healthy"),
        ("Deployment", {"replicas": 0}, {"observedGeneration": 1}, "Healthy"),
        ("Deployment", TWO, {}, "Progressing"),
        ("Deployment", TWO, FULL | {"observedGeneration": 0}, "Progressing"),
        ("Deployment", TWO, FULL | {"updatedReplicas": 1}, "Progressing"),
        ("Deployment", TWO, FULL | {"replicas": 3}, "Progressing"),
        ("Deployment", TWO, FULL | {"availableReplicas": 1}, "Progressing"),
        ("Deployment", TWO | {"paused": True}, FULL, "Suspended"),
        ("Deployment", TWO, FULL | condition("Progressing", "False", "ProgressDeadlineExceeded"), "Degraded"),
        ("Deployment", TWO, FULL | condition("ReplicaFailure", "True", "FailedCreate"), "Degraded"),
        ("ReplicaSet", TWO, FULL, "Healthy"),
        ("ReplicaSet", TWO, {"availableReplicas": 1}, "Progressing"),
        ("StatefulSet", TWO, FULL, "Healthy"),
        ("StatefulSet", TWO, FULL | {"readyReplicas": 1}, "Progressing"),
        ("StatefulSet", TWO, FULL | {"updatedReplicas": 1, "updateRevision": "b"}, "Progressing"),
        (
            "StatefulSet",
            TWO | {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}},
            FULL | {"updatedReplicas": 1, "updateRevision": "b"},
            "Healthy",
        ),
        (
            "StatefulSet",
            TWO | {"updateStrategy": {"type": "OnDelete"}},
            FULL | {"updatedReplicas": 0, "updateRevision": "b"},
            "Healthy",
        ),
        ("DaemonSet", {}, NODES, "Healthy"),
        ("DaemonSet", {}, NODES | {"numberAvailable": 1}, "Progressing"),
        ("DaemonSet", {}, NODES | {"updatedNumberScheduled": 1}, "Progressing"),
        ("Pod", {}, {"phase": "Running"} | condition("Ready", "True"), "Healthy"),
        ("Pod", {}, {"phase": "Running"} | condition("Ready", "False"), "Progressing"),
        ("Pod", {}, {"phase": "Succeeded"}, "Healthy"),
        ("Pod", {}, {"phase": "Failed"}, "Degraded"),
        ("Pod", {}, {"phase": "Pending"}, "Progressing"),
        (
            "Pod",
            {},
            {
                "phase": "Pending",
                "containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}],
            },
            "Degraded",
        ),
        ("Job", {}, condition("Complete", "True"), "Healthy"),
        ("Job", {}, condition("Failed", "True"), "Degraded"),
        ("Job", {"suspend": True}, {}, "Suspended"),
        ("Job", {}, {"active": 1}, "Progressing"),
        ("CronJob", {}, {}, "Healthy"),
        ("CronJob", {"suspend": True}, {}, "Suspended"),
        ("Service", {}, {}, "Healthy"),
        ("Service", {"type": "LoadBalancer"}, {}, "Progressing"),
        ("Service", {"type": "LoadBalancer"}, {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}, "Healthy"),
        ("Ingress", {}, {"loadBalancer": {}}, "Progressing"),
        ("Ingress", {}, {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}, "Healthy"),
        ("PersistentVolumeClaim", {}, {"phase": "Bound"}, "Healthy"),
        ("PersistentVolumeClaim", {}, {"phase": "Pending"}, "Progressing"),
        ("PersistentVolumeClaim", {}, {"phase": "Lost"}, "Degraded"),
        ("HorizontalPodAutoscaler", {}, {}, "Progressing"),
        ("HorizontalPodAutoscaler", {}, condition("ScalingActive", "True"), "Healthy"),
        (
            "HorizontalPodAutoscaler",
            {},
            condition("ScalingActive", "False", "FailedGetResourceMetric"),
            "Degraded",
        ),
        ("HorizontalPodAutoscaler", {}, condition("ScalingActive", "False", "ScalingDisabled"), "Healthy"),
        ("CustomResourceDefinition", {}, condition("Established", "True"), "Healthy"),
        ("CustomResourceDefinition", {}, {}, "Progressing"),
        ("CustomResourceDefinition", {}, condition("NamesAccepted", "False"), "Degraded"),
        ("APIService", {}, condition("Available", "True"), "Healthy"),
        ("APIService", {}, condition("Available", "False"), "Progressing"),
        ("Namespace", {}, {"phase": "Terminating"}, "Progressing"),
        ("ConfigMap", {}, {}, "Healthy"),
        ("Certificate", {}, condition("Ready", "True"), "Healthy"),
        ("Certificate", {}, condition("Ready", "False", "Pending"), "Progressing"),
        ("Certificate", {}, condition("Ready", "False", "IssueFailed"), "Degraded"),
        ("Certificate", {}, condition("Stalled", "True"), "Degraded"),
        ("Certificate", {}, condition("Reconciling", "True"), "Progressing"),
        ("Deployment", {"replicas": "two"}, FULL, "Unknown"),
        # An autoscaler that nobody has looked at, and one that rests after it has scaled.
        ("HorizontalPodAutoscaler", {}, {"conditions": [], "currentReplicas": 0}, "Progressing"),
        ("HorizontalPodAutoscaler", {}, condition("AbleToScale", "False", "BackoffBoth"), "Healthy"),
        # Synced, as Crossplane and Sealed Secrets say it.
        ("Bucket", {}, conditions(Ready="True", Synced="True"), "Healthy"),
        ("Bucket", {}, conditions(Ready="True", Synced="False"), "Degraded"),
        ("Bucket", {}, condition("Synced", "False", "ReconcilePaused"), "Suspended"),
        ("Bucket", {}, condition("Synced", "Unknown"), "Progressing"),
        ("SealedSecret", {}, condition("Synced", "True"), "Healthy"),
        # A rollout that has come to nothing, and one that is at work.
        ("Rollout", {}, condition("Progressing", "False", "ProgressDeadlineExceeded"), "Degraded"),
        ("Rollout", {}, condition("Progressing", "True", "ReplicaSetUpdated"), "Healthy"),
        ("Rollout", {}, condition("Progressing", "False", "AsExpected"), "Healthy"),
        # Conditions with an observedGeneration of their own.
        ("Gateway", {}, aged("Ready", "True", 1), "Healthy"),
        ("Gateway", {}, aged("Ready", "True", 0), "Progressing"),
        ("Gateway", {}, aged("Ready", "False", 0, "IssueFailed"), "Progressing"),
        ("Gateway", {}, aged("Stalled", "True", 0), "Progressing"),
        ("Gateway", {}, aged("Stalled", "False", 0), "Healthy"),
        ("Gateway", {}, aged("Accepted", "True", 0), "Healthy"),
        ("Gateway", {}, aged("Synced", "True", 0), "Progressing"),
        # A phase or a state counts where no condition says more, and where it means the same everywhere.
        ("Backup", {}, {"phase": "Failed"}, "Degraded"),
        ("Backup", {}, {"phase": "In Progress"}, "Progressing"),
        ("Backup", {}, {"phase": "Completed"}, "Healthy"),
        ("Backup", {}, {"phase": "Running"}, "Healthy"),
        ("Backup", {}, {"phase": "FailedOver"}, "Healthy"),
        ("Order", {}, {"state": "errored", "reason": "no such host"}, "Degraded"),
        ("Order", {}, {"state": "pending"}, "Progressing"),
        ("Order", {}, {"state": {"waiting": {}}}, "Healthy"),
        ("Backup", {}, {"phase": "Failed"} | condition("Ready", "True"), "Healthy"),
        # A pod that crashes again and again, between its runs and while it is run again.
        ("Pod", {}, crashing("terminated", 0), "Progressing"),
        ("Pod", {}, crashing("running", 1), "Progressing"),
        ("Pod", {}, crashing("terminated", 1), "Degraded"),
        ("Pod", {}, crashing("waiting", 1), "Degraded"),
        ("Pod", {}, crashing("running", 2), "Degraded"),
        ("Pod", {}, crashing("terminated", 2), "Degraded"),
        ("Pod", {}, crashing("running", 2, ready=True), "Healthy"),
        ("Pod", {}, crashing("terminated", 2, code=0), "Degraded"),
        ("Pod", {"restartPolicy": "OnFailure"}, crashing("terminated", 2, code=0), "Progressing"),
        ("Pod", {"restartPolicy": "Never"}, crashing("terminated", 2), "Progressing"),
    ],
)
def test_the_word_for_a_state(kind: str, spec: dict[str, Any], status: dict[str, Any], word: str) -> None:
    """And every word but Healthy has a reason."""
    metadata = {"name": "x", "generation": 1}
    body = {
        "apiVersion": API.get(kind, "v1"),
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
        "status": status,
    }
    finding = assess(body)
    assert finding.health == word
    assert bool(finding.message) is (word != "Healthy")


@pytest.mark.parametrize(
    ("annotation", "word"),
    [
        (None, "Progressing"),
        ([{"type": "ScalingActive", "status": "True"}], "Healthy"),
        ([{"type": "AbleToScale", "status": "False", "reason": "FailedGetScale"}], "Degraded"),
        ([{"type": "ScalingActive", "status": "False", "reason": "ScalingDisabled"}], "Healthy"),
        ("not a list", "Unknown"),
    ],
)
def test_autoscalers_of_the_first_version_have_their_conditions_in_an_annotation(
    annotation: object, word: str
) -> None:
    """They are never Healthy otherwise, and later waves would wait for ever."""
    metadata: dict[str, Any] = {"name": "x"}
    if annotation is not None:
        metadata["annotations"] = {"autoscaling.alpha.kubernetes.io/conditions": json.dumps(annotation)}
    body = {"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": metadata}
    assert assess(body | {"status": {"currentReplicas": 1, "desiredReplicas": 1}}).health == word


def test_what_is_missing_or_going_or_no_object() -> None:
    """These hold for every kind."""
    assert assess(None).health is Health.MISSING
    assert assess({"metadata": {"deletionTimestamp": "now"}}).health is Health.PROGRESSING
    assert assess({"metadata": 3}).health is Health.UNKNOWN


def test_the_worst_word_sums_up() -> None:
    """Healthy < Suspended < Progressing < Missing < Degraded < Unknown."""
    words = [Assessment(word) for word in (Health.PROGRESSING, Health.MISSING, Health.SUSPENDED)]
    assert worst(words) is Health.MISSING
    assert worst([]) is Health.HEALTHY


def test_the_command_prints_one_line_an_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 4 when an object is Degraded."""
    file = tmp_path / "objects.yaml"
    good = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: ns}\n"
    bad = "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nstatus: {phase: Failed, reason: Evicted}\n"
    file.write_text(f"{good}---\n{bad}", encoding="utf-8")
    assert main(["health", str(file)]) == 4
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"object": "ConfigMap/ns/a", "health": "Healthy", "message": ""},
        {"object": "Pod/b", "health": "Degraded", "message": "Evicted"},
    ]
    assert main(["health", str(tmp_path / "none.yaml")]) == 2


def test_a_file_that_cannot_be_read_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All others are assessed, and what is said of this one has its place and no word about writing."""
    for name in ("a", "c"):
        body = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n"
        (tmp_path / f"{name}.yaml").write_text(body, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("a: [", encoding="utf-8")
    (tmp_path / "c.yaml").write_text("---\n- no object\n---\n" + body, encoding="utf-8")
    files = [str(tmp_path / f"{name}.yaml") for name in ("a", "bad", "none", "c")]
    assert main(["health", *files]) == 2
    said = capsys.readouterr()
    assert [json.loads(line)["object"] for line in said.out.splitlines()] == [
        "ConfigMap/a",
        "?",
        "ConfigMap/c",
    ]
    broken, absent = said.err.splitlines()
    assert broken.startswith(f"{files[1]}:1:5: is not YAML")
    assert absent == f"{files[2]}: cannot be read: No such file or directory"
