"""Faults of layers: what is wrong, where, and what to do; all of them in one report."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from kube.yaml.faults import LONGEST_QUOTE, Fault

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


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean …?` where a known word is similar, ignoring case, else nothing."""
    if len(word) > LONGEST_QUOTE:  # longer words are not typing errors, and comparing takes quadratic time
        return ""
    words = {_plain(name): name for name in known}
    near = difflib.get_close_matches(_plain(word), list(words), n=1, cutoff=0.6)
    return f"; did you mean `{words[near[0]]}`?" if near else ""


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
