"""Reads the manifests of a source in a child process, which is started when first needed and after each end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from gitops.reading import protocol
from gitops.reading.protocol import ProtocolError
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin

if TYPE_CHECKING:
    from gitops.objects import DesiredObject
    from gitops.settings import RunLimits
    from gitops.source.repository import File

MOST_FAULTS = 1000  # that are collected of one application
_PATIENCE = 10  # seconds of the clock for each second of processor time: the machine may be busy
_ROOM = 2**20  # bytes beyond the limit, for small ones
_GRACE = 5  # seconds to end when nothing more is asked


class _EnoughError(Exception):
    """An application holds more than the limits allow."""


@dataclass
class Reader:
    """One process at a time; use it as a context manager."""

    limits: RunLimits
    _process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def read(self, files: Iterable[File]) -> tuple[list[DesiredObject], list[Fault]]:
        """Read the files of an application; faulty objects are omitted, and their faults are reported.

        What ends the process, or is more than the limits, is a fault of the file at hand, and nothing after it is read.
        """
        found = _Found(self.limits)
        alarm = threading.Timer(_PATIENCE * self.limits.processor, self._give_up)
        alarm.start()
        try:
            for file in files:
                if (last := self._read_file(file, found)) is not None:
                    found.faults.append(Fault(Origin(file.path), "", last))
                    break
        finally:
            alarm.cancel()
        return found.manifests, sorted(found.faults)

    def _read_file(self, file: File, found: _Found) -> str | None:
        """Read one file; return why it must be the last one, if it must."""
        try:
            self._exchange(self._started(), file, found)
        except _EnoughError as error:
            self._end()
            return str(error)
        except (ProtocolError, OSError):
            return self._why(self._end())
        return None

    def _exchange(self, process: subprocess.Popen[bytes], file: File, found: _Found) -> None:
        if process.stdin is None or process.stdout is None:
            raise ProtocolError
        process.stdin.write(protocol.request_line(file.path, file.content, found.seconds))
        process.stdin.write(file.content)
        process.stdin.flush()
        while found.takes(protocol.read_line(process.stdout), file.path):
            pass

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            paths = (str(Path(each).absolute()) for each in sys.path)
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "gitops.reading.child", str(self.limits.memory)],
                env={"PYTHONPATH": os.pathsep.join(paths)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _give_up(self) -> None:
        if (process := self._process) is not None:
            process.send_signal(signal.SIGXCPU)

    def _why(self, code: int) -> str:
        if code == protocol.NO_MEMORY:
            return f"needs more than {self.limits.memory:,} bytes of memory to be read; split the file"
        if code == -signal.SIGXCPU:
            most = f"{self.limits.processor} seconds of processor time"
            return f"takes more time to be read than is left of the {most} of its application; split the file"
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"ended the process that reads files ({how}); remove what is unusual in it"

    def _end(self) -> int:
        """End the process, and return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        for stream in filter(None, (process.stdin, process.stdout)):
            with suppress(OSError):  # what is not sent yet, to a process that has ended
                stream.close()
        try:
            return process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


@dataclass
class _Found:
    """What was read of an application so far."""

    limits: RunLimits
    manifests: list[DesiredObject] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    seconds: float = field(init=False)  # of processor time that are left
    size: int = 0  # bytes of all answers

    def __post_init__(self) -> None:
        self.seconds = self.limits.processor

    def takes(self, line: bytes, path: str) -> bool:
        """Take an answer; False for the last one. Raises ProtocolError, and _EnoughError beyond the limits."""
        self.size += len(line)
        answer = protocol.answer(line, path)
        if isinstance(answer, float):
            self.seconds = max(self.seconds - answer, 0.0)
            return False
        if isinstance(answer, Fault):
            self.faults.append(answer)
        else:
            self.manifests.append(answer)
        self._check()
        return True

    def _check(self) -> None:
        if len(self.faults) >= MOST_FAULTS:
            raise _EnoughError(
                f"the application has {MOST_FAULTS} faults up to here, and no more are looked for"
            )
        if len(self.manifests) > self.limits.objects:
            raise _EnoughError(f"has more objects than the limit of {self.limits.objects} allows up to here")
        if self.size > 2 * self.limits.bytes + _ROOM:  # aliases and escapes make more of what is written
            raise _EnoughError(
                f"the objects up to here have more than twice the limit of {self.limits.bytes} bytes"
            )
