"""Model of where pods may run."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from envs.config.model.fields import Boolean, Count, LabelKey, LabelValue, Positive, Word
from envs.config.model.typed import Model, OrNone, Short, Verbatim


class Toleration(Short):
    """A toleration of a taint; as a single value, the value of the taint."""

    short: ClassVar[str] = "value"
    value: LabelValue | None = None
    """Value of the taint."""
    operator: Word[Literal["Equal", "Exists"]] = "Equal"
    """Equal: the taint has this value. Exists: it has any."""
    effect: Word[Literal["NoSchedule", "PreferNoSchedule", "NoExecute", "any"]] = "NoSchedule"
    """Effect of the taint."""
    seconds: Count | None = None
    """How long pods stay on a node that gets the taint (tolerationSeconds); default: for ever."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.value is None) != (self.operator == "Exists"):
            raise ValueError("needs a value, or `operator: Exists` for any value")
        if self.seconds is not None and self.effect != "NoExecute":
            raise ValueError("`seconds` is for `effect: NoExecute`")
        return self


class Spread(Short):
    """How replicas are spread; as a single value, what they are spread over."""

    short: ClassVar[str] = "over"
    over: Word[Literal["node", "zone"]]
    """node: over nodes. zone: over zones, and then over nodes (topologyKey)."""
    required: Boolean = False
    """Rather start no pod than one that breaks the spread (whenUnsatisfiable: DoNotSchedule)."""
    skew: Positive = 1
    """By how many pods nodes or zones may differ (maxSkew)."""


class Placement(Model):
    """Where pods may run."""

    nodes: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels that a node must have (nodeSelector)."""
    spread: OrNone[Spread] = Spread(over="node")
    """Spread replicas over nodes, or over zones and then nodes (topologySpreadConstraints)."""
    tolerations: dict[LabelKey, Toleration] = Field(default_factory=dict)
    """Tolerated taints, by key."""
    affinity: Verbatim | None = None
    """Rules over nodes and other pods, as Kubernetes writes them (affinity)."""
