"""Faults of layers: what is wrong, where, and what to do; all of them in one report."""

from __future__ import annotations

from collections.abc import Iterable

from kube.suggestion import suggestion
from kube.yaml.faults import Fault

__all__ = ["MOST_LINES", "ConfigurationError", "suggestion"]

MOST_LINES = 1000  # nobody reads more, and a hostile file could fill a log


class ConfigurationError(Exception):
    """The layers cannot be used; holds every fault once, sorted by place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__(self.report())

    def report(self) -> str:
        """Return one line per fault and a last line that counts them."""
        files = len({fault.origin.file for fault in self.faults})
        shown = self.faults[:MOST_LINES]
        left = len(self.faults) - len(shown)
        return "\n".join(
            [
                *map(str, shown),
                *([f"… and {_count(left, 'further fault')}"] if left else []),
                f"{_count(len(self.faults), 'fault')} in {_count(files, 'file')}",
            ]
        )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
