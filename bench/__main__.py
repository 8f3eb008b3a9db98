"""`make bench`: prints time and memory of everyday work on this machine, row by row."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import tempfile
from pathlib import Path

from bench import judging, registration, rendering
from bench.row import Bench, Line, Row

ROWS: dict[str, Row] = {row.name: row for row in (*rendering.ROWS, *registration.ROWS, *judging.ROWS)}


def main() -> None:
    """Measure the rows that are asked for, by default all, and print each line as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; by default all")
    parser.add_argument(
        "--runs", type=int, default=5, help="runs of each program, after one that fills caches"
    )
    arguments = parser.parse_args()
    unknown = [name for name in arguments.rows if name not in ROWS]
    if unknown or arguments.runs < 1:
        parser.error(f"there is no row {unknown[0]}" if unknown else "--runs must be at least 1")
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {load}; memory is that of the largest process"
    )
    print(f"{'':44}{'min':>10}{'median':>10}{'processor':>11}{'memory':>11}")
    for name in arguments.rows or ROWS:
        _print_row(ROWS[name], arguments.runs)


def _print_row(row: Row, runs: int) -> None:
    print(f"\n{row.work}{f' (goal: {row.goal})' if row.goal else ''}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            for line in row.lines(Bench(Path(folder), runs)):
                print(_text(line), flush=True)
        except subprocess.CalledProcessError as error:
            print(f"  cannot be prepared: {error}")


def _text(line: Line) -> str:
    if isinstance(line.result, str):
        return f"  {line.program}: {line.result}"
    result = line.result
    times = f"{min(result.seconds):>8.2f} s{result.median:>8.2f} s"
    processor = "" if result.processor is None else f"{result.processor:.2f} s"
    memory = "" if result.peak is None else f"{result.peak:.0f} MiB"
    runs = "1 run" if len(result.seconds) == 1 else f"{len(result.seconds)} runs"
    return f"  {line.program:42}{times}{processor:>11}{memory:>11}   {runs}"


if __name__ == "__main__":
    main()
