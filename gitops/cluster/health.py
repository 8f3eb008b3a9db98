"""Assesses the health of live objects, as one of six words and a reason.

The words are Argo CD's; kinds without a rule of their own are assessed as in kstatus (observedGeneration
and the conditions Ready, Reconciling and Stalled).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from gitops.objects import Body


class Health(StrEnum):
    """The six words, best first."""

    HEALTHY = "Healthy"
    SUSPENDED = "Suspended"
    PROGRESSING = "Progressing"
    MISSING = "Missing"
    DEGRADED = "Degraded"
    UNKNOWN = "Unknown"


class Assessment(NamedTuple):
    """A word and, unless it is Healthy, its reason."""

    health: Health
    message: str = ""


HEALTHY = Assessment(Health.HEALTHY)
_STUCK = {
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "ErrImageNeverPull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
}
_BAD_REASON = re.compile(r"fail|error|invalid|denied|stalled", re.IGNORECASE)


def worst(findings: Iterable[Assessment]) -> Health:
    """Return the worst word; Healthy for no words."""
    order = list(Health)
    return max((finding.health for finding in findings), key=order.index, default=Health.HEALTHY)


def assess(body: Body | None) -> Assessment:
    """Assess one object; None stands for an object that should exist and does not."""
    if body is None:
        return Assessment(Health.MISSING, "does not exist")
    if not isinstance(body.get("metadata"), dict) or not isinstance(body.get("status") or {}, dict):
        return Assessment(Health.UNKNOWN, "is not a Kubernetes object")
    metadata, status = body["metadata"], body.get("status") or {}
    if metadata.get("deletionTimestamp"):
        return _progressing("is being deleted")
    observed = status.get("observedGeneration")
    if isinstance(observed, int) and observed < metadata.get("generation", 0):
        return _progressing("its controller has not seen the last change yet")
    return _by_kind(body, status)


def _by_kind(body: Body, status: Body) -> Assessment:
    group = str(body.get("apiVersion", "")).rpartition("/")[0]
    rule = _RULES.get((group, str(body.get("kind", ""))))
    if rule is None and not status:
        return HEALTHY
    try:
        return (rule or _by_conditions)(body.get("spec") or {}, status)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return Assessment(Health.UNKNOWN, f"has a status of an unexpected form: {error}")


def _progressing(message: str) -> Assessment:
    return Assessment(Health.PROGRESSING, message)


def _degraded(message: str) -> Assessment:
    return Assessment(Health.DEGRADED, message)


def _conditions(status: Body) -> dict[str, Body]:
    return {condition["type"]: condition for condition in status.get("conditions") or []}


def _is(status: Body, name: str, value: str = "True") -> bool:
    return _conditions(status).get(name, {}).get("status") == value


def _message(status: Body, name: str) -> str:
    condition = _conditions(status).get(name, {})
    return ": ".join(filter(None, (condition.get("reason") or name, condition.get("message"))))


def _deployment(spec: Body, status: Body) -> Assessment:
    if _conditions(status).get("Progressing", {}).get("reason") == "ProgressDeadlineExceeded":
        return _degraded(_message(status, "Progressing"))
    if _is(status, "ReplicaFailure"):
        return _degraded(_message(status, "ReplicaFailure"))
    if spec.get("paused"):
        return Assessment(Health.SUSPENDED, "is paused")
    return _rollout(spec.get("replicas", 1), status, "availableReplicas")


def _rollout(wanted: int, status: Body, ready: str) -> Assessment:
    if "observedGeneration" not in status:
        return _progressing("its controller has not seen it yet")
    updated = status.get("updatedReplicas", 0)
    if updated < wanted:
        return _progressing(f"{updated} of {wanted} replicas are updated")
    if status.get("replicas", 0) > updated:
        return _progressing(f"{status['replicas'] - updated} old replicas are still running")
    if status.get(ready, 0) < wanted:
        return _progressing(f"{status.get(ready, 0)} of {wanted} replicas are available")
    return HEALTHY


def _replica_set(spec: Body, status: Body) -> Assessment:
    if _is(status, "ReplicaFailure"):
        return _degraded(_message(status, "ReplicaFailure"))
    wanted, available = spec.get("replicas", 1), status.get("availableReplicas", 0)
    return HEALTHY if available >= wanted else _progressing(f"{available} of {wanted} replicas are available")


def _stateful_set(spec: Body, status: Body) -> Assessment:
    wanted, ready = spec.get("replicas", 1), status.get("readyReplicas", 0)
    if "observedGeneration" not in status:
        return _progressing("its controller has not seen it yet")
    if ready < wanted:
        return _progressing(f"{ready} of {wanted} replicas are ready")
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return HEALTHY
    expected = wanted - ((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    updated = status.get("updatedReplicas", 0)
    if status.get("updateRevision") != status.get("currentRevision") and updated < expected:
        return _progressing(f"{updated} of {expected} replicas are updated")
    return HEALTHY


def _daemon_set(spec: Body, status: Body) -> Assessment:
    if "observedGeneration" not in status:
        return _progressing("its controller has not seen it yet")
    wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
    if (spec.get("updateStrategy") or {}).get("type") != "OnDelete" and updated < wanted:
        return _progressing(f"{updated} of {wanted} pods are updated")
    available = status.get("numberAvailable", 0)
    return HEALTHY if available >= wanted else _progressing(f"{available} of {wanted} pods are available")


def _pod(spec: Body, status: Body) -> Assessment:
    phase = status.get("phase")
    if phase == "Succeeded":
        return HEALTHY
    if phase == "Failed":
        return _degraded(status.get("message") or status.get("reason") or "has failed")
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") in _STUCK:
            return _degraded(
                f"{container.get('name')}: {waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")
            )
    if phase == "Running" and (_is(status, "Ready") or spec.get("restartPolicy") in {"Never", "OnFailure"}):
        return HEALTHY if _is(status, "Ready") else _progressing("is running")
    return _progressing(f"is {phase or 'not scheduled'}")


def _job(spec: Body, status: Body) -> Assessment:
    if _is(status, "Failed"):
        return _degraded(_message(status, "Failed"))
    if _is(status, "Complete"):
        return HEALTHY
    if spec.get("suspend") or _is(status, "Suspended"):
        return Assessment(Health.SUSPENDED, "is suspended")
    return _progressing(f"{status.get('active', 0)} pods are running")


def _cron_job(spec: Body, _status: Body) -> Assessment:
    return Assessment(Health.SUSPENDED, "is suspended") if spec.get("suspend") else HEALTHY


def _service(spec: Body, status: Body) -> Assessment:
    return _ingress(spec, status) if spec.get("type") == "LoadBalancer" else HEALTHY


def _ingress(_spec: Body, status: Body) -> Assessment:
    addresses = (status.get("loadBalancer") or {}).get("ingress")
    return HEALTHY if addresses else _progressing("has no address yet")


def _claim(_spec: Body, status: Body) -> Assessment:
    phase = status.get("phase", "Pending")
    if phase == "Lost":
        return _degraded("has lost its volume")
    return HEALTHY if phase == "Bound" else _progressing(f"is {phase}")


def _autoscaler(_spec: Body, status: Body) -> Assessment:
    if "conditions" not in status:
        return _progressing("its controller has not seen it yet")
    for name in ("AbleToScale", "ScalingActive"):
        reason = str(_conditions(status).get(name, {}).get("reason", ""))
        if _is(status, name, "False") and reason != "ScalingDisabled":
            return _degraded(_message(status, name))
    return HEALTHY


def _definition(_spec: Body, status: Body) -> Assessment:
    if _is(status, "NamesAccepted", "False"):
        return _degraded(_message(status, "NamesAccepted"))
    return HEALTHY if _is(status, "Established") else _progressing("is not established yet")


def _api_service(_spec: Body, status: Body) -> Assessment:
    return HEALTHY if _is(status, "Available") else _progressing(_message(status, "Available"))


def _namespace(_spec: Body, status: Body) -> Assessment:
    return _progressing("is being deleted") if status.get("phase") == "Terminating" else HEALTHY


def _by_conditions(_spec: Body, status: Body) -> Assessment:
    """Judge by the usual conditions; an object without any is Healthy."""
    for name in ("Stalled", "Failed", "Degraded"):
        if _is(status, name):
            return _degraded(_message(status, name))
    if _is(status, "Reconciling"):
        return _progressing(_message(status, "Reconciling"))
    ready: dict[str, Any] = _conditions(status).get("Ready") or _conditions(status).get("Available") or {}
    if ready.get("status") == "False" and _BAD_REASON.search(str(ready.get("reason", ""))):
        return _degraded(_message(status, str(ready["type"])))
    if ready.get("status") in {"False", "Unknown"}:
        return _progressing(_message(status, str(ready["type"])))
    return HEALTHY


_RULES: dict[tuple[str, str], Callable[[Body, Body], Assessment]] = {
    ("", "Namespace"): _namespace,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "Service"): _service,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "StatefulSet"): _stateful_set,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
    ("apiregistration.k8s.io", "APIService"): _api_service,
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("batch", "CronJob"): _cron_job,
    ("batch", "Job"): _job,
    ("networking.k8s.io", "Ingress"): _ingress,
}
