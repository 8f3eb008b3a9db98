"""Models of the number of replicas: under load, during disruptions and during a rollout."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from envs.config.model.fields import (
    Amount,
    Count,
    Label,
    LabelKey,
    LabelValue,
    Line,
    Percentage,
    Positive,
    Quantity,
    String,
    Subdomain,
    Word,
)
from envs.config.model.typed import Model


class Metric(Model):
    """A metric that decides the number of replicas: of the pods themselves, or from outside the cluster."""

    pods: Line | None = None
    """Name of a metric that each pod has (pods.metric.name)."""
    external: Line | None = None
    """Name of a metric from outside, such as the length of a queue (external.metric.name)."""
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels of the metric (selector.matchLabels)."""
    average: Quantity | None = None
    """Target for each pod (averageValue)."""
    value: Quantity | None = None
    """Target for all pods together, of an external metric (value)."""

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.pods is None) == (self.external is None):
            raise ValueError("needs exactly one of pods and external")
        if (self.average is None) == (self.value is None):
            raise ValueError("needs exactly one target: average or value")
        if self.pods is not None and self.average is None:
            raise ValueError("a metric of pods has an `average`")
        return self


class Trigger(Model):
    """A source of events that KEDA watches (triggers)."""

    type: Label
    """Its type, such as rabbitmq, kafka or cron (type)."""
    metadata: dict[LabelKey, String] = Field(default_factory=dict)
    """Its settings, as KEDA writes them (metadata)."""
    authentication: Subdomain | None = None
    """TriggerAuthentication of the namespace (authenticationRef.name)."""


class Autoscale(Model):
    """A HorizontalPodAutoscaler; the cluster then decides the number of replicas, not Git."""

    min: Count
    """Least number of replicas (minReplicas); 0 needs `triggers`."""
    max: Positive
    """Largest number of replicas (maxReplicas)."""
    cpu: Percentage | None = None
    """Target share of the requested CPU (averageUtilization)."""
    memory: Percentage | None = None
    """Target share of the requested memory (averageUtilization)."""
    metrics: dict[Label, Metric] = Field(default_factory=dict)
    """Further metrics with their targets, by a name of your choice."""
    triggers: dict[Label, Trigger] = Field(default_factory=dict)
    """What KEDA watches instead, by a name of your choice; it also scales to zero, by a ScaledObject."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is more than max {self.max}")
        targets = bool(self.cpu or self.memory or self.metrics)
        if not targets and not self.triggers:
            raise ValueError("needs a target: cpu, memory, one of metrics, or one of triggers")
        if targets and self.triggers:
            raise ValueError(
                "`triggers` are for KEDA, which makes the autoscaler; cpu, memory and metrics are not"
            )
        if self.min == 0 and not self.triggers:
            raise ValueError("min 0 needs `triggers`: by itself, Kubernetes always keeps one replica")
        return self


class Budget(Model):
    """A PodDisruptionBudget."""

    max_unavailable: Amount | None = None
    """Largest number of replicas that may be missing."""
    min_available: Amount | None = None
    """Least number of replicas that must run."""

    @model_validator(mode="after")
    def _says_one_bound(self) -> Self:
        if (self.max_unavailable is None) == (self.min_available is None):
            raise ValueError("needs exactly one of maxUnavailable and minAvailable")
        return self


class Rollout(Model):
    """How a new version replaces the old one."""

    strategy: Word[Literal["rolling", "recreate"]] = "rolling"
    """rolling: step by step. recreate: stop all, then start all (strategy.type)."""
    surge: Amount = "25%"
    """Pods above the wanted number during a rollout (maxSurge)."""
    unavailable: Amount = "0"
    """Pods below the wanted number during a rollout (maxUnavailable)."""

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if {self.surge, self.unavailable} <= {"0", "0%"}:
            raise ValueError("surge and unavailable cannot both be 0: no replica could be replaced")
        return self
