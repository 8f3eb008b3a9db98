"""Errors while components make manifests."""

from __future__ import annotations

from collections.abc import Sequence


class ComponentError(Exception):
    """A valid configuration that does not make a valid object; `path` is the part at fault."""

    def __init__(self, path: Sequence[str], message: str) -> None:
        self.path = tuple(path)
        self.message = message
        super().__init__(f"{'.'.join(path)}: {message}")
