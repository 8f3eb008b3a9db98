"""What a run has seen and never writes: foreign objects, drift of what others push, and what it could not see."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops.objects import Key
from gitops.report.masking import Difference

_SHOWN = 20  # objects of each sort in a status
_FIELDS = 5  # of one object in one line


@dataclass(frozen=True)
class Foreign:
    """An object that is neither in Git nor owned by something that is."""

    key: Key
    reason: str
    """Who has made it and when, as far as the object tells."""

    def __str__(self) -> str:
        return f"{self.key} {self.reason}"


@dataclass(frozen=True)
class Drift:
    """An object that others push, and that differs from Git or does not exist."""

    key: Key
    differences: tuple[Difference, ...] = ()

    def __str__(self) -> str:
        return f"{self.key} {self.summary}"

    @property
    def summary(self) -> str:
        """The fields in one line, with their values."""
        if not self.differences:
            return "does not exist"
        shown = "; ".join(map(str, self.differences[:_FIELDS]))
        more = len(self.differences) - _FIELDS
        return f"{shown} and {more} more" if more > 0 else shown


@dataclass(frozen=True)
class Account:
    """Everything in the namespaces of an environment that is not as Git says."""

    namespaces: tuple[str, ...] = ()
    foreign: tuple[Foreign, ...] = ()
    drift: tuple[Drift, ...] = ()
    unseen: tuple[str, ...] = ()
    """Kinds that were not read."""

    def foreign_by_namespace(self) -> Mapping[str, int]:
        """Count the foreign objects, in each namespace that was looked at."""
        return self._counted(self.foreign)

    def drift_by_namespace(self) -> Mapping[str, int]:
        """Count the objects that differ, in each namespace that was looked at; cluster-scoped ones under none."""
        return self._counted(self.drift)

    def _counted(self, found: Sequence[Foreign | Drift]) -> Mapping[str, int]:
        counts = Counter(each.key.namespace for each in found)
        return dict.fromkeys(self.namespaces, 0) | dict(sorted(counts.items()))

    def as_status(self) -> dict[str, str]:
        """Return the fields of a status: JSON lists of lines."""
        sorts = {"foreign": self.foreign, "drift": self.drift, "unseen": self.unseen}
        return {name: json.dumps(_first(values), ensure_ascii=False) for name, values in sorts.items()}

    def as_json(self) -> dict[str, Any]:
        """Return plain values, complete."""
        return {
            "foreign": [{"object": str(each.key), "reason": each.reason} for each in self.foreign],
            "drift": [
                {"object": str(each.key), "fields": [difference.as_json() for difference in each.differences]}
                for each in self.drift
            ],
            "unseen": list(self.unseen),
        }

    def text(self) -> Iterator[str]:
        """Write a line for each object, and one for each field that differs."""
        for foreign in self.foreign:
            yield f"foreign   {foreign}"
        for drift in self.drift:
            yield f"drift     {drift.key}  {'' if drift.differences else drift.summary}".rstrip()
            yield from (f"    {difference}" for difference in drift.differences)
        if self.unseen:
            yield f"unseen    {', '.join(self.unseen)}"


def _first(values: Sequence[object]) -> list[str]:
    more = len(values) - _SHOWN
    return [*map(str, values[:_SHOWN]), *([f"and {more} more; the log has all"] if more > 0 else [])]
