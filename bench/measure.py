"""Commands in, seconds and peak memory of several runs out.

The process that measures stays small, as Linux counts its memory among that of its children.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from bench.memory import Together

SLOW = 30.0  # seconds; a run that takes longer is not repeated
LONGEST = 300.0  # seconds; a run that takes longer is ended


@dataclass(frozen=True, slots=True)
class Step:
    """One command."""

    command: Sequence[str | Path]
    folder: Path
    variables: Mapping[str, str] | None = None
    """Environment of the process; by default ours."""
    fine: frozenset[int] = frozenset({0})
    """Exit codes that mean success."""
    together: bool = False
    """Whether the memory is that of all processes that it starts, at the same moment, not of the largest one."""
    longest: float = LONGEST
    """Seconds after which it is ended."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Several runs of the same work."""

    seconds: tuple[float, ...]
    """Wall time of each run."""
    processor: float | None = None
    """Least processor time of a run, in seconds: what stays firm on a busy machine."""
    peak: float | None = None
    """Memory in MiB of the largest process that took part, or of all together."""

    @property
    def median(self) -> float:
        """Median of the runs, in seconds."""
        return statistics.median(self.seconds)


class StepError(Exception):
    """A command that did not succeed; its message says which and why."""


def measure(
    steps: Sequence[Step], runs: int, prepare: Callable[[], None] = lambda: None, slow: float = SLOW
) -> Measurement:
    """Run the steps one after another, several times; `prepare` comes before each run and is not counted.

    A first run, which fills caches, is not counted either, unless it takes more than `slow` seconds: then it
    is the only one. Raises StepError.
    """
    prepare()
    first = _run_all(steps)
    if first.seconds > slow:
        return _summary([first])
    counted = []
    for _ in range(runs):
        prepare()
        counted.append(_run_all(steps))
    return _summary(counted)


def measure_once(steps: Sequence[Step]) -> Measurement:
    """Run the steps a single time, for work that changes what it finds; raises StepError."""
    return _summary([_run_all(steps)])


@dataclass(frozen=True, slots=True)
class _Run:
    seconds: float
    processor: float
    peak: float


def _summary(runs: Sequence[_Run]) -> Measurement:
    return Measurement(
        tuple(run.seconds for run in runs), min(run.processor for run in runs), max(run.peak for run in runs)
    )


def _run_all(steps: Sequence[Step]) -> _Run:
    runs = [_run(step) for step in steps]
    return _Run(
        sum(run.seconds for run in runs), sum(run.processor for run in runs), max(run.peak for run in runs)
    )


def _run(step: Step) -> _Run:
    with tempfile.TemporaryFile() as messages:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in step.command],
            cwd=step.folder,
            env=step.variables,
            stdin=subprocess.DEVNULL,
            stdout=messages,
            stderr=messages,
        )
        alarm = threading.Timer(step.longest, process.kill)
        alarm.start()
        with Together(process.pid) if step.together else nullcontext() as all_of_it:
            _, status, usage = os.wait4(process.pid, 0)  # the only call that tells the memory of one child
            seconds = time.perf_counter() - start
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in step.fine:
            messages.seek(0)
            raise StepError(_reason(step, process.returncode, messages.read().decode(errors="replace")))
    peak = all_of_it.peak if all_of_it else usage.ru_maxrss / 1024
    return _Run(seconds, usage.ru_utime + usage.ru_stime, peak)


def _reason(step: Step, code: int, messages: str) -> str:
    if code == -signal.SIGKILL:
        return f"{Path(step.command[0]).name} was ended after {step.longest:.0f} s"
    lines = [line.strip() for line in messages.splitlines() if line.strip()]
    return f"{Path(step.command[0]).name} ended with {code}: {lines[-1] if lines else 'it said nothing'}"
