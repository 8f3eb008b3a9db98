"""Models of the number of replicas: under load, during disruptions and during a rollout."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from envs.config.model.fields import Amount, Percentage, Positive, Word
from envs.config.model.typed import Model


class Autoscale(Model):
    """A HorizontalPodAutoscaler; the cluster then decides the number of replicas, not Git."""

    min: Positive
    """Least number of replicas (minReplicas)."""
    max: Positive
    """Largest number of replicas (maxReplicas)."""
    cpu: Percentage | None = None
    """Target share of the requested CPU (averageUtilization)."""
    memory: Percentage | None = None
    """Target share of the requested memory (averageUtilization)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is more than max {self.max}")
        if self.cpu is None and self.memory is None:
            raise ValueError("needs a target: cpu, memory or both")
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
