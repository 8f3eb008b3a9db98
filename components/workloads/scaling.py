"""The autoscaler and the disruption budget of a workload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lightkube.models import autoscaling_v2 as autoscaling
from lightkube.models.meta_v1 import LabelSelector
from lightkube.models.policy_v1 import PodDisruptionBudget, PodDisruptionBudgetSpec

from components.objects.manifest import Scope, plain
from envs.config.model.scaling import Autoscale, Budget, Metric, Trigger
from envs.config.model.workload import Serving, Stateful
from kube.quantity import int_or_string

_SEVERAL = 2  # with a single replica a budget would only block the drain of its node


def scaling(
    scope: Scope, name: str, workload: Serving
) -> Iterator[autoscaling.HorizontalPodAutoscaler | PodDisruptionBudget | dict[str, Any]]:
    """Make the autoscaler if there is one, and the budget from two replicas on."""
    kind = "StatefulSet" if isinstance(workload, Stateful) else "Deployment"
    if workload.autoscale is not None and workload.autoscale.triggers:
        yield _scaled_object(scope, name, workload.autoscale, kind)
    elif workload.autoscale is not None:
        yield _autoscaler(scope, name, workload.autoscale, kind)
    if workload.budget is not None and workload.fewest >= _SEVERAL:
        yield _budget(scope, name, workload.budget)


def _autoscaler(
    scope: Scope, name: str, autoscale: Autoscale, kind: str
) -> autoscaling.HorizontalPodAutoscaler:
    targets = {"cpu": autoscale.cpu, "memory": autoscale.memory}
    return autoscaling.HorizontalPodAutoscaler(
        apiVersion="autoscaling/v2",
        kind="HorizontalPodAutoscaler",
        metadata=scope.workload_metadata(name),
        spec=autoscaling.HorizontalPodAutoscalerSpec(
            scaleTargetRef=autoscaling.CrossVersionObjectReference(
                apiVersion="apps/v1", kind=kind, name=name
            ),
            minReplicas=autoscale.min,
            maxReplicas=autoscale.max,
            metrics=[
                *(_metric(resource, target) for resource, target in targets.items() if target is not None),
                *map(_further, autoscale.metrics.values()),
            ],
        ),
    )


def _metric(resource: str, target: str) -> autoscaling.MetricSpec:
    utilization = autoscaling.MetricTarget(
        type="Utilization", averageUtilization=int(target.removesuffix("%"))
    )
    return autoscaling.MetricSpec(
        type="Resource", resource=autoscaling.ResourceMetricSource(name=resource, target=utilization)
    )


def _further(metric: Metric) -> autoscaling.MetricSpec:
    target = autoscaling.MetricTarget(
        type="Value" if metric.value is not None else "AverageValue",
        value=metric.value,
        averageValue=metric.average,
    )
    name = autoscaling.MetricIdentifier(
        name=str(metric.pods or metric.external),
        selector=LabelSelector(matchLabels=dict(metric.labels)) if metric.labels else None,
    )
    if metric.pods is not None:
        source = autoscaling.PodsMetricSource(metric=name, target=target)
        return autoscaling.MetricSpec(type="Pods", pods=source)
    outside = autoscaling.ExternalMetricSource(metric=name, target=target)
    return autoscaling.MetricSpec(type="External", external=outside)


def _scaled_object(scope: Scope, name: str, autoscale: Autoscale, kind: str) -> dict[str, Any]:
    """Make a ScaledObject; source: https://keda.sh/docs/latest/reference/scaledobject-spec/."""
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": plain(scope.workload_metadata(name)),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name},
            "minReplicaCount": autoscale.min,
            "maxReplicaCount": autoscale.max,
            "triggers": [_trigger(trigger) for trigger in autoscale.triggers.values()],
        },
    }


def _trigger(trigger: Trigger) -> dict[str, Any]:
    made: dict[str, Any] = {"type": trigger.type, "metadata": dict(trigger.metadata)}
    if trigger.authentication is not None:
        made["authenticationRef"] = {"name": trigger.authentication}
    return made


def _budget(scope: Scope, name: str, budget: Budget) -> PodDisruptionBudget:
    return PodDisruptionBudget(
        apiVersion="policy/v1",
        kind="PodDisruptionBudget",
        metadata=scope.workload_metadata(name),
        spec=PodDisruptionBudgetSpec(
            maxUnavailable=int_or_string(budget.max_unavailable),
            minAvailable=int_or_string(budget.min_available),
            selector=LabelSelector(matchLabels=scope.selector(name)),
            # Pods that never became ready would block a drain forever (KEP-3017).
            unhealthyPodEvictionPolicy="AlwaysAllow",
        ),
    )
