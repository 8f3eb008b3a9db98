"""A fault in a file: what is wrong, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from kube.yaml.origin import Origin

LONGEST_QUOTE = 60
LONGEST_LINE = 1000


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong at one place of one file; `path` is dotted and may be empty."""

    origin: Origin
    path: str
    message: str

    def __str__(self) -> str:
        parts = (str(self.origin), self.path, self.message)
        return printable(": ".join(filter(None, parts)), LONGEST_LINE)


class DocumentError(Exception):
    """A file that cannot be read; carries its faults."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, faults)))


def quoted(text: str) -> str:
    """Quote a value in a message: on one line, without control characters, and short."""
    return f'"{printable(text, LONGEST_QUOTE)}"'


def printable(text: str, limit: int) -> str:
    """Escape control characters and line breaks, and cut what is too long."""
    shown = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in shown
    )
