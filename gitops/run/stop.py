"""Whether a run was told to stop: by SIGTERM, which Kubernetes sends at a deadline or an eviction.

A process whose id is 1 gets no signal that it has no handler for, see signal(7) and pid_namespaces(7).
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from gitops.errors import StoppedError

_TICK = 0.1  # seconds


@dataclass
class Stop:
    """A wish that the main thread's signal handler sets; it takes no lock, so that it may come at any time."""

    requested: bool = False

    def check(self) -> None:
        """Raise StoppedError when the run was told to stop."""
        if self.requested:
            raise StoppedError("the run was told to stop before it was finished; the next run goes on")

    def is_requested(self) -> bool:
        """Tell whether the run was told to stop."""
        return self.requested

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than the run goes on."""
        end = time.monotonic() + seconds
        while not self.requested and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _TICK))

    @contextmanager
    def on_sigterm(self) -> Iterator[None]:
        """Take SIGTERM as the wish to stop; only the main thread can, others leave signals as they are."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGTERM, self._request)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def _request(self, _signal: int, _frame: FrameType | None) -> None:
        self.requested = True
