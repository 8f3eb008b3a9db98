"""Seconds that writing rendered files takes, a line a run: python -m bench.writing FROM TO WAY RUNS."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.roots import ENVIRONMENT
from envs.checkout.rendered import write_files

Files = Mapping[str, bytes]


def bare(folder: Path, files: Files) -> None:
    """Write each file where it belongs, with nothing to protect it from half a write."""
    for parent in {(folder / path).parent for path in files}:
        parent.mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        (folder / path).write_bytes(data)


def ours(folder: Path, files: Files) -> None:
    """Write as `envs render` does: each file whole or not at all, and delete what is left over."""
    write_files(folder, ENVIRONMENT, files)


WAYS: dict[str, Callable[[Path, Files], None]] = {"bare": bare, "ours": ours}


def main(rendered: Path, folder: Path, way: str, runs: int) -> None:
    """Read the files, write them as new ones several times, and print the seconds of each time."""
    files = {
        path.relative_to(rendered).as_posix(): path.read_bytes() for path in sorted(rendered.rglob("*.yaml"))
    }
    for _ in range(runs):
        shutil.rmtree(folder, ignore_errors=True)
        start = time.perf_counter()
        WAYS[way](folder, files)
        print(time.perf_counter() - start)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
