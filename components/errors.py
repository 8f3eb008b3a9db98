"""What can go wrong while components make manifests."""

from __future__ import annotations

from collections.abc import Sequence


class ComponentError(Exception):
    """A configuration that is valid and still makes no sound object; `path` says which part of it."""

    def __init__(self, path: Sequence[str], message: str) -> None:
        self.path = tuple(path)
        self.message = message
        super().__init__(f"{'.'.join(path)}: {message}")
