"""Runs the components of one cluster as child processes that cannot outlive their parent.

Each has a log file; one call stops them all.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from localkube.errors import ClusterError

_LOG_LINES = 15


class Processes:
    """The child processes of one supervisor."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, subprocess.Popen[str]] = {}
        logs.mkdir(exist_ok=True)

    @property
    def pids(self) -> frozenset[int]:
        """Return the process ids of the components."""
        return frozenset(process.pid for process in self._running.values())

    def start(self, name: str, *command: str | Path, inherit: Sequence[int] = ()) -> None:
        """Start a component; the kernel kills it when the calling thread ends."""
        words = [*dies_with_parent(), *map(str, command)]
        with self.log(name).open("a") as log:
            self._running[name] = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                text=True,
                pass_fds=inherit,
                start_new_session=True,
            )

    def log(self, name: str) -> Path:
        """Return the file that holds a component's output."""
        return self._logs / f"{name}.log"

    def wait_for(self, what: str, condition: Callable[[], bool], seconds: float = 120) -> None:
        """Wait until the condition holds; raise ClusterError when a component ends or the time is over."""
        deadline = time.monotonic() + seconds
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise ClusterError(f"{what}: not so after {seconds:.0f} s; the logs are in {self._logs}")
            time.sleep(0.05)

    def check(self) -> None:
        """Raise ClusterError with the end of its log if a component has ended unexpectedly."""
        for name, process in self._running.items():
            if process.poll() is not None:
                lines = self.log(name).read_text(errors="replace").splitlines()[-_LOG_LINES:]
                said = "\n".join(lines)
                raise ClusterError(f"{name} ended with {process.returncode}; {self.log(name)} ends:\n{said}")

    def end(self, name: str) -> None:
        """Kill one component, which may be started again."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def kill(self) -> None:
        """Kill all components; an API server that is stopped gracefully hangs when its etcd is gone."""
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            process.wait()
        self._running.clear()


def dies_with_parent() -> list[str]:
    """Return the command prefix that makes the kernel kill a command when its parent ends."""
    setpriv = shutil.which("setpriv")  # util-linux; see PR_SET_PDEATHSIG in prctl(2)
    if setpriv is None:
        raise ClusterError(
            "No cluster: install setpriv (util-linux), which ends its processes with their parent."
        )
    return [setpriv, "--pdeathsig", "KILL", "--"]
