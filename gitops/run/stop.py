"""Whether a run was told to stop: by SIGTERM, which Kubernetes sends at a deadline or an eviction.

A process whose id is 1 gets no signal that it has no handler for, see signal(7) and pid_namespaces(7).
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from gitops.errors import StoppedError

_TICK = 0.1  # seconds


@dataclass
class Stop:
    """A wish to stop; its handler takes no lock, so that the signal may come at any time."""

    requested: bool = False

    def check(self) -> None:
        """Raise StoppedError when the run was told to stop."""
        if self.requested:
            raise StoppedError("the run was told to stop before it was finished; the next run goes on")

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
        told, tell = os.pipe()

        def handle(_signal: int, _frame: FrameType | None) -> None:
            self.requested = True
            os.write(tell, b"\0")

        thread = threading.Thread(target=_end_git, args=(told,), name="stop", daemon=True)
        thread.start()
        before = signal.signal(signal.SIGTERM, handle)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)
            os.close(tell)
            thread.join()
            os.close(told)


def _end_git(told: int) -> None:
    """Once told, end Git's processes, whose work nobody will use: a server may never answer them."""
    if not os.read(told, 1):
        return
    ended = False
    while not ended:
        for pid in _git_processes():
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        ready = select.select([told], [], [], _TICK)[0]
        ended = bool(ready) and not os.read(told, 1)


def _git_processes() -> Iterator[int]:
    """Find our children that run Git, each the leader of a group with its helpers (proc(5); Linux only)."""
    for children in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            for pid in map(int, children.read_text(encoding="ascii").split()):
                name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace")
                if name.strip() == "git" and os.getpgid(pid) == pid:
                    yield pid
