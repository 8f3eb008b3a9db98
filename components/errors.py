"""Errors while components make manifests."""

from __future__ import annotations

from collections.abc import Sequence

from kube.yaml.origin import Origin


class ComponentError(Exception):
    """A valid configuration that does not make a valid object; `path` is the part at fault.

    `origin` is the place in a component of the root's own, where the fault is not in the layers.
    """

    def __init__(self, path: Sequence[str], message: str, origin: Origin | None = None) -> None:
        self.path = tuple(path)
        self.message = message
        self.origin = origin
        super().__init__(f"{'.'.join(path)}: {message}")
