"""The time that the commands of one repository may wait for its remote, all together."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

from gitops.errors import SourceError


class Budget:
    """Seconds, of which each command that contacts a remote takes its share."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._left = seconds

    @contextmanager
    def spend(self) -> Generator[float]:
        """Give the seconds that are left, and count those that pass; raises SourceError when there are none."""
        if self._left <= 0:
            raise SourceError(f"its remote has used up the {self._seconds:g} seconds of this run")
        started = time.monotonic()
        try:
            yield self._left
        finally:
            self._left -= time.monotonic() - started
