"""Reads the manifests of a source in a child process, which is started when first needed and after each end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import deque
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
_AHEAD = (
    24 * 1024
)  # bytes of files that may wait in the pipe, which holds 64 KiB: so that sending them never waits
_HEAD = 64  # bytes of numbers and brackets that go before a file
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
        self.close()

    def close(self) -> None:
        """End the process, whose memory others need now; the next reading starts another one."""
        self._end()

    def prepare(self) -> None:
        """Start the process, so that it imports what it needs while others work."""
        with suppress(OSError):  # reading says it, with the file
            self._started()

    def read(self, files: Iterable[File]) -> tuple[list[DesiredObject], list[Fault]]:
        """Read the files of an application; faulty objects are omitted, and their faults are reported.

        What ends the process, or is more than the limits, is a fault of the file at hand, and nothing after it is read.
        """
        found = _Found(self.limits)
        alarm = threading.Timer(_PATIENCE * self.limits.processor, self._give_up)
        alarm.start()
        asked: deque[File] = deque()
        last = None
        try:
            for file in files:
                last = self._ask(file, asked, found)
                if last is not None:
                    break
            while asked and last is None:
                last = self._hear(asked, found)
        finally:
            alarm.cancel()
            if asked:  # nobody will hear the answers
                self._end()
        if last is not None:
            found.faults.append(Fault(Origin(asked[0].path), "", last))
        return found.manifests, sorted(found.faults)

    def _ask(self, file: File, asked: deque[File], found: _Found) -> str | None:
        """Send one file, after the answers that must be heard before; return why the first of `asked` is the last."""
        while asked and sum(map(_weight, (*asked, file))) > _AHEAD:
            if (last := self._hear(asked, found)) is not None:
                return last
        asked.append(file)
        with suppress(OSError):  # to a process that has ended: the answers tell at which file
            self._send(file, found.seconds)
        return None

    def _send(self, file: File, seconds: float) -> None:
        if (stream := self._started().stdin) is not None:
            stream.write(protocol.request_line(file.path, file.content, seconds))
            stream.write(file.content)
            stream.flush()

    def _hear(self, asked: deque[File], found: _Found) -> str | None:
        """Take the answers about the first of some files; return why it must be the last one, if it must."""
        try:
            self._take(asked[0], found)
        except _EnoughError as error:
            self._end()
            return str(error)
        except (ProtocolError, OSError):
            return self._why(self._end())
        asked.popleft()
        return None

    def _take(self, file: File, found: _Found) -> None:
        stream = self._started().stdout
        if stream is None:
            raise ProtocolError
        while found.takes(protocol.read_line(stream), file.path):
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


def _weight(file: File) -> int:
    """Bytes that a file takes in the pipe, at most."""
    return len(file.content) + 4 * len(file.path) + _HEAD


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
