"""Runs one `go build` and reports how far it is. In: a program. Out: its binary in a folder."""

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from localkube.errors import ClusterError

_REPORT_EVERY = 15.0  # seconds


@dataclass(frozen=True)
class Program:
    """A main package in a Go module, and the linker flags that stamp its version."""

    name: str
    module: Path
    package: str
    stamps: str = ""


def build(program: Program, into: Path, report: Callable[[str], None]) -> None:
    """Compile the program without cgo and put it into the folder; raise ClusterError with Go's own words."""
    command = ["go", "build", "-v", "-trimpath", "-ldflags", f"-s -w {program.stamps}".strip()]
    started = time.monotonic()
    with subprocess.Popen(
        [*command, "-o", str(into / program.name), program.package],
        cwd=program.module,
        env={**os.environ, "CGO_ENABLED": "0"},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        lines = _follow(program.name, process, report)
    if process.returncode:
        raise ClusterError(f"building {program.name} failed:\n" + "\n".join(lines[-20:]))
    size = (into / program.name).stat().st_size / 1e6
    report(f"localkube: {program.name} built in {time.monotonic() - started:.0f} s, {size:.0f} MB")


def _follow(name: str, process: subprocess.Popen[str], report: Callable[[str], None]) -> list[str]:
    """Read Go's output, which names each package it compiles, and report now and then."""
    assert process.stderr is not None  # noqa: S101 - it was asked for as a pipe
    lines: list[str] = []
    started = reported = time.monotonic()
    for line in process.stderr:
        lines.append(line.rstrip())
        now = time.monotonic()
        if now - reported >= _REPORT_EVERY:
            report(f"localkube: {name}: {len(lines)} packages compiled in {now - started:.0f} s")
            reported = now
    return lines
