"""Faults of layers: what is wrong, where, and what to do; all of them in one report."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from envs.config.reading.origin import Origin

LONGEST_QUOTE = 60
LONGEST_LINE = 1000
MOST_LINES = 1000  # nobody reads more, and a hostile file could fill a log


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong at one place of one file; `path` is dotted and may be empty."""

    origin: Origin
    path: str
    message: str

    def __str__(self) -> str:
        parts = (str(self.origin), self.path, self.message) if self.path else (str(self.origin), self.message)
        return printable(": ".join(parts), LONGEST_LINE)


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


def quoted(text: str) -> str:
    """Quote a value in a message: on one line, without control characters, and short."""
    return f'"{printable(text, LONGEST_QUOTE)}"'


def printable(text: str, limit: int) -> str:
    """Escape control characters and line breaks, and cut what is too long."""
    shown = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in shown
    )


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
