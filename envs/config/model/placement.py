"""Model of where pods may run."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from envs.config.model.fields import LabelKey, LabelValue, Word
from envs.config.model.typed import Model, OrNone, Short


class Toleration(Short):
    """A taint that the pods accept; as a single value, its value."""

    short: ClassVar[str] = "value"
    value: LabelValue
    """Value of the taint."""
    effect: Word[Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]] = "NoSchedule"
    """What the taint would do."""


class Placement(Model):
    """Where pods may run."""

    nodes: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels that the node must have."""
    spread: OrNone[Word[Literal["node", "zone"]]] = "node"
    """Keep copies apart: over nodes, or over zones and then nodes."""
    tolerations: dict[LabelKey, Toleration] = Field(default_factory=dict)
    """Taints that the pods accept, by key."""
