"""Assesses the health of live objects, as one of six words and a reason.

The words are Argo CD's; kinds without a rule of their own are assessed as in kstatus (observedGeneration
and the conditions Ready, Reconciling and Stalled).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from gitops.cluster.assessment import (
    HEALTHY,
    Assessment,
    Health,
    conditions,
    degraded,
    explain,
    is_condition,
    progressing,
    suspended,
)
from gitops.cluster.generic import assess_status
from gitops.objects import Body

__all__ = ["Assessment", "Health", "assess", "worst"]

_AUTOSCALER = ("autoscaling", "HorizontalPodAutoscaler")
_OLD_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"  # of autoscaling/v1, whose status has none
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
# Reasons why an autoscaler does nothing, and should not: replicas are 0, or it has just scaled.
_NO_FAULT = {"ScalingDisabled", "BackoffBoth", "BackoffDownscale", "BackoffUpscale"}
_LOOP = 2  # crashes of a container after which it is taken to crash again


def worst(findings: Iterable[Assessment]) -> Health:
    """Return the worst word; Healthy for no words."""
    order = list(Health)
    return max((finding.health for finding in findings), key=order.index, default=Health.HEALTHY)


def assess(body: Body | None) -> Assessment:
    """Assess one object; None stands for an object that should exist and does not."""
    if body is None:
        return Assessment(Health.MISSING, "does not exist")
    if not isinstance(body, dict) or not isinstance(body.get("metadata"), dict):
        return Assessment(Health.UNKNOWN, "is not a Kubernetes object")
    if not isinstance(body.get("status") or {}, dict):
        return Assessment(Health.UNKNOWN, "has a status that is not a mapping")
    metadata, status = body["metadata"], body.get("status") or {}
    if metadata.get("deletionTimestamp"):
        return progressing("is being deleted")
    observed = status.get("observedGeneration")
    if isinstance(observed, int) and observed < metadata.get("generation", 0):
        return progressing("its controller has not seen the last change yet")
    return _by_kind(body, status)


def _by_kind(body: Body, status: Body) -> Assessment:
    group = str(body.get("apiVersion", "")).rpartition("/")[0]
    kind = (group, str(body.get("kind", "")))
    rule = _RULES.get(kind)
    if rule is None and not status:
        return HEALTHY
    try:
        if rule is None:
            return assess_status(status, body["metadata"].get("generation", 0))
        if kind == _AUTOSCALER:
            status = _with_annotated_conditions(body["metadata"], status)
        return rule(body.get("spec") or {}, status)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return Assessment(Health.UNKNOWN, f"has a status of an unexpected form: {error}")


def _with_annotated_conditions(metadata: Body, status: Body) -> Body:
    """Add the conditions that autoscaling/v1 keeps in an annotation."""
    text = (metadata.get("annotations") or {}).get(_OLD_CONDITIONS)
    return {"conditions": json.loads(text)} | status if text else status


def _deployment(spec: Body, status: Body) -> Assessment:
    if conditions(status).get("Progressing", {}).get("reason") == "ProgressDeadlineExceeded":
        return degraded(explain(status, "Progressing"))
    if is_condition(status, "ReplicaFailure"):
        return degraded(explain(status, "ReplicaFailure"))
    if spec.get("paused"):
        return suspended("is paused")
    return _rollout(spec.get("replicas", 1), status, "availableReplicas")


def _rollout(wanted: int, status: Body, ready: str) -> Assessment:
    if "observedGeneration" not in status:
        return progressing("its controller has not seen it yet")
    updated = status.get("updatedReplicas", 0)
    if updated < wanted:
        return progressing(f"{updated} of {wanted} replicas are updated")
    if status.get("replicas", 0) > updated:
        return progressing(f"{status['replicas'] - updated} old replicas are still running")
    if status.get(ready, 0) < wanted:
        return progressing(f"{status.get(ready, 0)} of {wanted} replicas are available")
    return HEALTHY


def _replica_set(spec: Body, status: Body) -> Assessment:
    if is_condition(status, "ReplicaFailure"):
        return degraded(explain(status, "ReplicaFailure"))
    wanted, available = spec.get("replicas", 1), status.get("availableReplicas", 0)
    return HEALTHY if available >= wanted else progressing(f"{available} of {wanted} replicas are available")


def _stateful_set(spec: Body, status: Body) -> Assessment:
    wanted, ready = spec.get("replicas", 1), status.get("readyReplicas", 0)
    if "observedGeneration" not in status:
        return progressing("its controller has not seen it yet")
    if ready < wanted:
        return progressing(f"{ready} of {wanted} replicas are ready")
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return HEALTHY
    expected = wanted - ((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    updated = status.get("updatedReplicas", 0)
    if status.get("updateRevision") != status.get("currentRevision") and updated < expected:
        return progressing(f"{updated} of {expected} replicas are updated")
    return HEALTHY


def _daemon_set(spec: Body, status: Body) -> Assessment:
    if "observedGeneration" not in status:
        return progressing("its controller has not seen it yet")
    wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
    if (spec.get("updateStrategy") or {}).get("type") != "OnDelete" and updated < wanted:
        return progressing(f"{updated} of {wanted} pods are updated")
    available = status.get("numberAvailable", 0)
    return HEALTHY if available >= wanted else progressing(f"{available} of {wanted} pods are available")


def _pod(spec: Body, status: Body) -> Assessment:
    phase = status.get("phase")
    if phase == "Succeeded":
        return HEALTHY
    if phase == "Failed":
        return degraded(status.get("message") or status.get("reason") or "has failed")
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        if fault := _container_fault(container, str(spec.get("restartPolicy", "Always"))):
            return degraded(f"{container.get('name')}: {fault}")
    if phase == "Running" and (
        is_condition(status, "Ready") or spec.get("restartPolicy") in {"Never", "OnFailure"}
    ):
        return HEALTHY if is_condition(status, "Ready") else progressing("is running")
    return progressing(f"is {phase or 'not scheduled'}")


def _container_fault(container: Body, policy: str) -> str:
    """Say what is wrong with a container; one that crashes again and again keeps its word between its runs.

    The first crash says little, since what a container needs may come up a moment later. A container that is ready
    again works.
    """
    state, count = container.get("state") or {}, container.get("restartCount", 0)
    waiting = state.get("waiting") or {}
    if waiting.get("reason") in _STUCK:
        return f"{waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")
    last = state.get("terminated") or (container.get("lastState") or {}).get("terminated") or {}
    crashed = last and policy != "Never" and (policy == "Always" or last.get("exitCode") != 0)
    if crashed and not container.get("ready") and count + bool(state.get("terminated")) >= _LOOP:
        return f"ends again and again, the last time with exit code {last.get('exitCode')}"
    return ""


def _job(spec: Body, status: Body) -> Assessment:
    if is_condition(status, "Failed"):
        return degraded(explain(status, "Failed"))
    if is_condition(status, "Complete"):
        return HEALTHY
    if spec.get("suspend") or is_condition(status, "Suspended"):
        return suspended("is suspended")
    return progressing(f"{status.get('active', 0)} pods are running")


def _cron_job(spec: Body, _status: Body) -> Assessment:
    return suspended("is suspended") if spec.get("suspend") else HEALTHY


def _service(spec: Body, status: Body) -> Assessment:
    return _ingress(spec, status) if spec.get("type") == "LoadBalancer" else HEALTHY


def _ingress(_spec: Body, status: Body) -> Assessment:
    addresses = (status.get("loadBalancer") or {}).get("ingress")
    return HEALTHY if addresses else progressing("has no address yet")


def _claim(_spec: Body, status: Body) -> Assessment:
    phase = status.get("phase", "Pending")
    if phase == "Lost":
        return degraded("has lost its volume")
    return HEALTHY if phase == "Bound" else progressing(f"is {phase}")


def _autoscaler(_spec: Body, status: Body) -> Assessment:
    if not conditions(status):
        return progressing("its controller has not seen it yet")
    for name in ("AbleToScale", "ScalingActive"):
        reason = str(conditions(status).get(name, {}).get("reason", ""))
        if is_condition(status, name, "False") and reason not in _NO_FAULT:
            return degraded(explain(status, name))
    return HEALTHY


def _definition(_spec: Body, status: Body) -> Assessment:
    if is_condition(status, "NamesAccepted", "False"):
        return degraded(explain(status, "NamesAccepted"))
    return HEALTHY if is_condition(status, "Established") else progressing("is not established yet")


def _api_service(_spec: Body, status: Body) -> Assessment:
    return HEALTHY if is_condition(status, "Available") else progressing(explain(status, "Available"))


def _namespace(_spec: Body, status: Body) -> Assessment:
    return progressing("is being deleted") if status.get("phase") == "Terminating" else HEALTHY


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
    _AUTOSCALER: _autoscaler,
    ("batch", "CronJob"): _cron_job,
    ("batch", "Job"): _job,
    ("networking.k8s.io", "Ingress"): _ingress,
}
