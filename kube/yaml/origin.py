"""Values that know the file, line and column they come from, so that a diff can show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A place in a file; lines and columns count from one, and line 0 is the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Text(str):
    """A string and its origin; equal to, and usable as, any other string."""

    __slots__ = ("origin",)
    origin: Origin

    def __new__(cls, value: str, origin: Origin) -> Self:
        """Attach `origin` to `value`."""
        text = super().__new__(cls, value)
        text.origin = origin
        return text

    def __getnewargs__(self) -> tuple[str, Origin]:  # type: ignore[override]  # our __new__ takes both
        """Let copies and pickles keep the origin."""
        return str(self), self.origin


class Number(int):
    """A whole number and its origin."""

    origin: Origin

    def __new__(cls, value: int, origin: Origin) -> Self:
        """Attach `origin` to `value`."""
        number = super().__new__(cls, value)
        number.origin = origin
        return number

    def __getnewargs__(self) -> tuple[int, Origin]:  # type: ignore[override]  # our __new__ takes both
        """Let copies and pickles keep the origin."""
        return int(self), self.origin


def origin_of(value: Any) -> Origin | None:
    """Return where `value` was written, or None if the program made it."""
    return getattr(value, "origin", None)


def with_origin(value: Any, origin: Origin | None) -> Any:
    """Attach `origin` to strings and whole numbers; other values are returned unchanged."""
    if origin is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return Text(value, origin)
    if isinstance(value, int):
        return Number(value, origin)
    return value
