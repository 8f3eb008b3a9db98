"""What Pulumi waits for after it has written an object, and how long: only for pods, and as long as they may need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from components.objects.manifest import Manifest
from kube.pods import mapping, pod_of

SKIP = {"pulumi.com/skipAwait": "true"}
"""Annotation by which the provider does not wait (https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/)."""

_PULL = 180  # seconds to schedule a pod and pull its images
_SHORTEST, _LONGEST = 300, 7200  # seconds
_PROGRESS_DEADLINE = 600  # of a Deployment that says none, in seconds
_GRACE = 30  # of a pod that says none, in seconds
# A Service waits ten seconds for its endpoints at the least, and an Ingress for an address that many
# controllers never publish; neither tells whether the app works.
_NEVER = frozenset({"Service", "PersistentVolumeClaim"})
_PODS = frozenset({"DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"})
_BUILT_IN = frozenset({"apps", "batch", "networking.k8s.io", ""})


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whether Pulumi waits for an object, and for how many seconds at most (None: as the provider does)."""

    skip: bool = False
    seconds: int | None = None


class Patience:
    """Decides for the objects of one environment; knows its autoscalers, which say how many pods there may be."""

    def __init__(self, manifests: Iterable[Manifest], *, ingress_address: bool) -> None:
        self._ingress_address = ingress_address
        self._most = {
            (manifest.namespace, *target): most
            for manifest in manifests
            if manifest.kind == "HorizontalPodAutoscaler"
            for target, most in _scaled(manifest.object)
        }

    def waiting(self, manifest: Manifest) -> Waiting:
        """Decide whether and how long to wait for one object."""
        if manifest.object["apiVersion"].rpartition("/")[0] not in _BUILT_IN:
            return Waiting()
        if manifest.kind in _NEVER or (manifest.kind == "Ingress" and not self._ingress_address):
            return Waiting(skip=True)
        if manifest.kind not in _PODS:
            return Waiting()
        spec = mapping(manifest.object.get("spec"))
        if spec.get("replicas") == 0 or spec.get("suspend") is True:
            return Waiting(skip=True)
        return Waiting(seconds=min(_LONGEST, max(_SHORTEST, self._needed(manifest, spec))))

    def _needed(self, manifest: Manifest, spec: Mapping[str, Any]) -> int:
        """Seconds that a rollout may need: each step starts pods, waits until they are ready and ends old ones."""
        pod = pod_of(manifest.object)
        each = _PULL + _start(pod) + _grace(pod) + _seconds(spec.get("minReadySeconds"), 0)
        match manifest.kind:
            case "Job":
                deadline = _seconds(spec.get("activeDeadlineSeconds"), 0)
                return deadline + _grace(pod) if deadline else 0
            case "Deployment":
                steps = _deployment_steps(spec, self._replicas(manifest, spec))
                return max(each * steps, _seconds(spec.get("progressDeadlineSeconds"), _PROGRESS_DEADLINE))
            case "StatefulSet":
                at_once = spec.get("podManagementPolicy") == "Parallel"
                return each * (1 if at_once else self._replicas(manifest, spec))
        return each

    def _replicas(self, manifest: Manifest, spec: Mapping[str, Any]) -> int:
        most = self._most.get((manifest.namespace, manifest.kind, manifest.name))
        return most or _seconds(spec.get("replicas"), 1)


def _scaled(item: Mapping[str, Any]) -> Iterable[tuple[tuple[str, str], int]]:
    spec = mapping(item.get("spec"))
    target = mapping(spec.get("scaleTargetRef"))
    yield (str(target.get("kind")), str(target.get("name"))), _seconds(spec.get("maxReplicas"), 1)


def _deployment_steps(spec: Mapping[str, Any], replicas: int) -> int:
    """Count the rounds of a rolling update (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/)."""
    strategy = mapping(spec.get("strategy"))
    if strategy.get("type") == "Recreate":
        return 1
    rolling = mapping(strategy.get("rollingUpdate"))
    surge = _share(rolling.get("maxSurge", "25%"), replicas, up=True)
    unavailable = _share(rolling.get("maxUnavailable", "25%"), replicas, up=False)
    return ceil(replicas / max(1, surge + unavailable))


def _share(amount: Any, replicas: int, *, up: bool) -> int:
    if isinstance(amount, str) and amount.endswith("%") and amount[:-1].isdecimal():
        exact = int(amount[:-1]) * replicas
        return -(-exact // 100) if up else exact // 100
    return _seconds(amount, 0)


def _start(pod: Mapping[str, Any]) -> int:
    """Seconds until the slowest container of a pod is ready, by its probes."""
    containers = pod.get("containers")
    return max(
        (
            sum(_patience(container.get(probe)) for probe in ("startupProbe", "readinessProbe"))
            for container in (containers if isinstance(containers, list) else ())
            if isinstance(container, Mapping)
        ),
        default=0,
    )


def _patience(probe: Any) -> int:
    """Seconds after which a probe has failed; the defaults are those of the API."""
    asked = mapping(probe)
    if not asked:
        return 0
    period, failures = _seconds(asked.get("periodSeconds"), 10), _seconds(asked.get("failureThreshold"), 3)
    return _seconds(asked.get("initialDelaySeconds"), 0) + period * failures


def _grace(pod: Mapping[str, Any]) -> int:
    return _seconds(pod.get("terminationGracePeriodSeconds"), _GRACE)


def _seconds(value: Any, otherwise: int) -> int:
    """Read a count that a verbatim object may hold in any shape."""
    return int(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else otherwise
