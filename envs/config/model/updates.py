"""Model of updates: which newer images of a workload `envs images` finds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from envs.config.model.fields import Variant, VersionRange, Word
from envs.config.model.typed import Model


class Updates(Model):
    """Which newer tags of its image a workload may get."""

    semver: VersionRange | None = None
    """Semantic versions of this range, like ^1.2."""
    newest: Word[Literal["build", "date"]] | None = None
    """Instead, the highest build number (4711 or v5), or the latest date (2026-11-20)."""
    variant: Variant | None = None
    """Only tags that end with a dash and this, like alpine3.20."""

    @model_validator(mode="after")
    def _one_order(self) -> Self:
        if (self.semver is None) == (self.newest is None):
            raise ValueError("says which tags are newer by either semver or newest; write one of them")
        return self
