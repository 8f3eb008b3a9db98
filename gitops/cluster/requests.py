"""What holds for each request to the API server: names quoted in its path, and whether it may be sent."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from gitops.errors import ClusterError

_NOT_FOUND = 404


class Allow(Protocol):
    """Is asked before each attempt of a request; raises HaltedError where it may not be sent."""

    def __call__(self, *, writes: bool) -> None:
        """Decide on one attempt; a dry run does not write."""


def anything(*, writes: bool) -> None:
    """Allow every request."""
    del writes


def go_on() -> None:
    """Say nothing against the work on one more object."""


@dataclass
class Traffic:
    """Counts the requests of a run, from any thread, and those that failed, by HTTP status; 0: no answer."""

    requests: int = 0
    failures: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self) -> None:
        """Count an attempt."""
        with self._lock:
            self.requests += 1

    def failed(self, method: str, status: int) -> None:
        """Count a failure; that an object is not there is none."""
        if (method, status) != ("GET", _NOT_FOUND):
            with self._lock:
                self.failures[status] += 1

    def by_status(self) -> Mapping[int, int]:
        """Return the failures so far."""
        with self._lock:
            return dict(sorted(self.failures.items()))


def segment(name: str) -> str:
    """Quote a name as one segment of a path; raises ClusterError for what cannot be one.

    The API server decodes a path before it takes it apart, so that a quoted slash would still be one
    (k8s.io/apimachinery/pkg/api/validation/path).
    """
    if name in {".", ".."} or "/" in name or "%" in name:
        raise ClusterError(f"{name!r} is not the name of an object: it would change the path of the request")
    return quote(name, safe=":")
