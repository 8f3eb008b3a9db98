"""What a row of the table is made of: the work, and one line for each program that does it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Measurement, Step, StepError, measure, measure_once


@dataclass(frozen=True, slots=True)
class Line:
    """What one program needed, or in one line why that is not known."""

    program: str
    result: Measurement | str


@dataclass(frozen=True, slots=True)
class Bench:
    """What rows share: an empty folder of their own, the number of runs, and the programs of this machine."""

    folder: Path
    runs: int
    percent: int = 100
    """Share of the objects of a row to work on."""

    def count(self, whole: int) -> int:
        """Count the objects to work on, where a row has so many."""
        return max(1, whole * self.percent // 100)

    def program(self, name: str) -> str | None:
        """Path of a program: beside our interpreter, else on PATH."""
        return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)

    def line(self, program: str, steps: Sequence[Step], prepare: Callable[[], None] = lambda: None) -> Line:
        """Measure the steps of one program."""
        try:
            return Line(program, measure(steps, self.runs, prepare))
        except StepError as error:
            return Line(program, str(error))

    def once(self, program: str, steps: Sequence[Step]) -> Line:
        """Measure the steps of one program that can be run only once."""
        try:
            return Line(program, measure_once(steps))
        except StepError as error:
            return Line(program, str(error))

    def module(self, name: str, *arguments: str | Path) -> str:
        """Run a module of the bench that needs more memory than the bench may have; returns what it prints."""
        command = [sys.executable, "-m", name, *map(str, arguments)]
        finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return finished.stdout


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of work."""

    name: str
    work: str
    goal: str
    lines: Callable[[Bench], Iterator[Line]]


def missing(program: str) -> Line:
    """Say that a program is not on this machine."""
    return Line(program, "is not on this machine; left out")
