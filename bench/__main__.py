"""`make bench`: prints time and memory of everyday work on this machine, row by row."""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import subprocess
import tempfile
from pathlib import Path

from bench import history, judging, registration, rendering, scale, updating
from bench.job import rows as job
from bench.row import Bench, Line, Row
from localkube.errors import ClusterError

ROWS: dict[str, Row] = {
    row.name: row
    for row in (
        *rendering.ROWS,
        *registration.ROWS,
        *updating.ROWS,
        *judging.ROWS,
        *history.ROWS,
        *scale.ROWS,
        *job.ROWS,
    )
}

_TREE = Path(__file__).parents[1]
_PACKAGES = ("bench", "components", "envs", "gitops", "kube", "policies")
_WIDTH = 54  # of the column of programs
_WHOLE = 100  # percent


def main() -> None:
    """Measure the rows that are asked for, by default all, and print each line as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; by default all")
    parser.add_argument(
        "--runs", type=int, default=5, help="runs of each program, after one that fills caches"
    )
    parser.add_argument(
        "--percent",
        type=int,
        choices=range(1, _WHOLE + 1),
        default=_WHOLE,
        metavar="N",
        help="share of the objects of rows that can do with fewer, to try the bench; goals hold for 100",
    )
    arguments = parser.parse_args()
    unknown = [name for name in arguments.rows if name not in ROWS]
    if unknown:
        parser.error(f"there is no row {unknown[0]}")
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    _compile()
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {load}")
    print(
        f"memory is that of the largest process, of the job that of all its processes; objects: {arguments.percent} %"
    )
    print(f"{'':{_WIDTH + 2}}{'min':>10}{'median':>10}{'processor':>11}{'memory':>11}")
    for name in arguments.rows or ROWS:
        _print_row(ROWS[name], arguments.runs, arguments.percent)


def _compile() -> None:
    """Compile our packages as an installation does, whatever PYTHONDONTWRITEBYTECODE says."""
    for name in _PACKAGES:
        compileall.compile_dir(_TREE / name, quiet=1)


def _print_row(row: Row, runs: int, percent: int) -> None:
    print(f"\n{row.name}: {row.work}{f' (goal: {row.goal})' if row.goal else ''}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            for line in row.lines(Bench(Path(folder), runs, percent)):
                print(_text(line), flush=True)
        except subprocess.CalledProcessError as error:
            print(f"  cannot be prepared: {error}")
        except ClusterError as error:
            print(f"  the rest is left out: {' '.join(str(error).split())}")


def _text(line: Line) -> str:
    if isinstance(line.result, str):
        return f"  {line.program}: {line.result}"
    result = line.result
    times = f"{min(result.seconds):>8.2f} s{result.median:>8.2f} s"
    processor = "" if result.processor is None else f"{result.processor:.2f} s"
    memory = "" if result.peak is None else f"{result.peak:.0f} MiB"
    runs = "1 run" if len(result.seconds) == 1 else f"{len(result.seconds)} runs"
    return f"  {line.program:{_WIDTH}}{times}{processor:>11}{memory:>11}   {runs}"


if __name__ == "__main__":
    main()
