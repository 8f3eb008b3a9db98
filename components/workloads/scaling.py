"""The autoscaler and the disruption budget of a workload."""

from __future__ import annotations

from collections.abc import Iterator

from lightkube.models import autoscaling_v2 as autoscaling
from lightkube.models.meta_v1 import LabelSelector
from lightkube.models.policy_v1 import PodDisruptionBudget, PodDisruptionBudgetSpec

from components.objects.manifest import Scope
from envs.config.model.scaling import Autoscale, Budget
from envs.config.model.workload import Serving, Stateful
from kube.quantity import int_or_string

_SEVERAL = 2  # with a single replica a budget would only block the drain of its node


def scaling(
    scope: Scope, name: str, workload: Serving
) -> Iterator[autoscaling.HorizontalPodAutoscaler | PodDisruptionBudget]:
    """Make the autoscaler if there is one, and the budget from two replicas on."""
    if workload.autoscale is not None:
        kind = "StatefulSet" if isinstance(workload, Stateful) else "Deployment"
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
            metrics=[_metric(resource, target) for resource, target in targets.items() if target is not None],
        ),
    )


def _metric(resource: str, target: str) -> autoscaling.MetricSpec:
    utilization = autoscaling.MetricTarget(
        type="Utilization", averageUtilization=int(target.removesuffix("%"))
    )
    return autoscaling.MetricSpec(
        type="Resource", resource=autoscaling.ResourceMetricSource(name=resource, target=utilization)
    )


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
