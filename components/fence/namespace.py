"""The namespace of an app with its Pod Security level, quota and limit range."""

from __future__ import annotations

from collections.abc import Iterator

from lightkube.models.core_v1 import (
    LimitRange,
    LimitRangeItem,
    LimitRangeSpec,
    Namespace,
    ResourceQuota,
    ResourceQuotaSpec,
)
from lightkube.models.meta_v1 import ObjectMeta

from components.fence.opened import opened_ports
from components.objects.manifest import Scope
from envs.config.model.app import Quota
from envs.config.model.resources import Limits
from kube.labels import PREFIX
from kube.version import KUBERNETES

KubernetesObject = Namespace | ResourceQuota | LimitRange


def namespace(scope: Scope) -> Iterator[KubernetesObject]:
    """Make the namespace, unless it exists, and what bounds everything in it."""
    model = scope.app.namespace
    if model.create:
        labels = {**model.labels, **scope.labels, **_labels(scope)}
        yield Namespace(
            apiVersion="v1",
            kind="Namespace",
            metadata=ObjectMeta(
                name=scope.namespace, labels=labels, annotations=dict(model.annotations) or None
            ),
        )
    if scope.app.quota is not None:
        yield _quota(scope, scope.app.quota)
    if scope.app.limits is not None:
        yield _limit_range(scope, scope.app.limits)


def pod_security(level: str) -> dict[str, str]:
    """Labels that make a namespace enforce a Pod Security Standard as the policies know it.

    An upgrade of the cluster then refuses no pods that were judged to be fine; what a later version would refuse,
    the API server warns of and audits.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
    """
    modes = ("enforce", "audit", "warn")
    levels = {f"pod-security.kubernetes.io/{mode}": level for mode in modes}
    return levels | {"pod-security.kubernetes.io/enforce-version": f"v{KUBERNETES}"}


def _labels(scope: Scope) -> dict[str, str]:
    labels = {f"{PREFIX}/app": scope.name, f"{PREFIX}/tier": scope.environment.tier}
    if scope.app.team is not None:
        labels[f"{PREFIX}/team"] = scope.app.team
    return labels | pod_security(scope.app.pod_security)


def _quota(scope: Scope, quota: Quota) -> ResourceQuota:
    opened = opened_ports(scope.app)
    hard = {
        "requests.cpu": quota.cpu,
        "requests.memory": quota.memory,
        "limits.memory": quota.memory,
        "requests.storage": quota.storage,
        "pods": str(quota.pods),
        # A Service that opens a port to the outside bypasses the ingress and its flows: only those that are declared.
        "services.loadbalancers": str(_or(quota.load_balancers, opened.load_balancers)),
        "services.nodeports": str(_or(quota.node_ports, opened.node_ports)),
        **{f"requests.{name}": str(number) for name, number in quota.devices.items()},
    }
    return ResourceQuota(
        apiVersion="v1",
        kind="ResourceQuota",
        metadata=scope.metadata("quota"),
        spec=ResourceQuotaSpec(hard=hard),
    )


def _or(said: int | None, declared: int) -> int:
    return declared if said is None else said


def _limit_range(scope: Scope, limits: Limits) -> LimitRange:
    most = {"cpu": limits.max_cpu, "memory": limits.max_memory}
    item = LimitRangeItem(
        type="Container",
        default={"memory": limits.usual_memory_limit},
        defaultRequest={"cpu": limits.cpu, "memory": limits.memory},
        max={name: value for name, value in most.items() if value is not None} or None,
    )
    return LimitRange(
        apiVersion="v1",
        kind="LimitRange",
        metadata=scope.metadata("limits"),
        spec=LimitRangeSpec(limits=[item]),
    )
