"""Errors while components make manifests."""

from __future__ import annotations

from collections.abc import Sequence


class ComponentError(Exception):
    """A valid configuration that still makes no valid object; `path` says which part of it."""

    def __init__(self, path: Sequence[str], message: str) -> None:
        self.path = tuple(path)
        self.message = message
        super().__init__(f"{'.'.join(path)}: {message}")
