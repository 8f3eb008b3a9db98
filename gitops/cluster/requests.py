"""What holds for each request to the API server: names quoted in its path, and whether it may be sent."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

from gitops.errors import ClusterError


class Allow(Protocol):
    """Is asked before each attempt of a request; raises HaltedError where it may not be sent."""

    def __call__(self, *, writes: bool) -> None:
        """Decide on one attempt; a dry run does not write."""


def anything(*, writes: bool) -> None:
    """Allow every request."""
    del writes


def go_on() -> None:
    """Say nothing against the work on one more object."""


def segment(name: str) -> str:
    """Quote a name as one segment of a path; raises ClusterError for what cannot be one.

    The API server decodes a path before it takes it apart, so that a quoted slash would still be one
    (k8s.io/apimachinery/pkg/api/validation/path).
    """
    if name in {".", ".."} or "/" in name or "%" in name:
        raise ClusterError(f"{name!r} is not the name of an object: it would change the path of the request")
    return quote(name, safe=":")
