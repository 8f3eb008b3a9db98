"""Models of how many copies run: under load, during disruptions and while a new version comes."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from envs.config.model.fields import Amount, Percentage, Positive, Word
from envs.config.model.typed import Model


class Autoscale(Model):
    """How many copies run under load; the number is then the cluster's, not Git's."""

    min: Positive
    """Fewest copies."""
    max: Positive
    """Most copies."""
    cpu: Percentage | None = None
    """Used share of the requested CPU to aim at."""
    memory: Percentage | None = None
    """Used share of the requested memory to aim at."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is more than max {self.max}")
        if self.cpu is None and self.memory is None:
            raise ValueError("needs a target: cpu, memory or both")
        return self


class Budget(Model):
    """How far voluntary disruptions may go."""

    max_unavailable: Amount | None = None
    """Most copies that may be missing."""
    min_available: Amount | None = None
    """Fewest copies that must run."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.max_unavailable is None) == (self.min_available is None):
            raise ValueError("needs exactly one of maxUnavailable and minAvailable")
        return self


class Rollout(Model):
    """How a new version replaces the old one."""

    strategy: Word[Literal["rolling", "recreate"]] = "rolling"
    """Step by step, or all at once with a gap."""
    surge: Amount = "25%"
    """Copies above the wanted number meanwhile."""
    unavailable: Amount = "0"
    """Copies below the wanted number meanwhile."""

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if {self.surge, self.unavailable} <= {"0", "0%"}:
            raise ValueError("surge and unavailable cannot both be 0: no replica could be replaced")
        return self
