"""Model of where pods may run."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from envs.config.model.fields import LabelKey, LabelValue, Word
from envs.config.model.typed import Model, OrNone, Short


class Toleration(Short):
    """A toleration of a taint; as a single value, the value of the taint."""

    short: ClassVar[str] = "value"
    value: LabelValue
    """Value of the taint."""
    effect: Word[Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]] = "NoSchedule"
    """Effect of the taint."""


class Placement(Model):
    """Where pods may run."""

    nodes: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels that a node must have (nodeSelector)."""
    spread: OrNone[Word[Literal["node", "zone"]]] = "node"
    """Spread replicas over nodes, or over zones and then nodes (topologySpreadConstraints)."""
    tolerations: dict[LabelKey, Toleration] = Field(default_factory=dict)
    """Tolerated taints, by key."""
