"""Faults of layers: what is wrong, where, and what to do about it; all of them in one report."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from environments.origin import Origin


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong at one place of one file; `path` is dotted and may be empty."""

    origin: Origin
    path: str
    message: str

    def __str__(self) -> str:
        return (
            f"{self.origin}: {self.path}: {self.message}" if self.path else f"{self.origin}: {self.message}"
        )


class ConfigurationError(Exception):
    """The layers cannot be used; carries every fault, sorted by place, each of them once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__(self.report())

    def report(self) -> str:
        """One line a fault and a last one that counts them."""
        files = len({fault.origin.file for fault in self.faults})
        return "\n".join(
            [*map(str, self.faults), f"{_count(len(self.faults), 'fault')} in {_count(files, 'file')}"]
        )


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` where a known word is near, else nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
