"""The `git` command: one process without shell or prompt, its output and Git's own words back."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gitops.errors import SourceError

_SETTINGS = {
    "LC_ALL": "C",  # messages are matched, and shown as they are documented
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
}


_LONGEST_COMPLAINT = 10_000  # bytes of what Git says about a failure


@dataclass(frozen=True, slots=True)
class Finished:
    """What one command left behind."""

    code: int
    output: bytes
    complaint: str


@dataclass(frozen=True, slots=True)
class GitCommand:
    """`git` in a folder, with settings for every command."""

    folder: Path
    environment: dict[str, str]
    seconds: int
    """How long one command may take."""
    configuration: Sequence[str] = ()
    largest: int | None = None
    """Most bytes of a file that Git, or a helper that it starts, may write; by default any number (Linux only)."""

    def run(self, *arguments: str, given: bytes = b"", configuration: Sequence[str] = ()) -> Finished:
        """Run one command to its end; raises SourceError if it cannot be started or takes too long."""
        process = self._start(arguments, configuration, subprocess.PIPE, subprocess.PIPE)
        try:
            output, complaint = process.communicate(given, timeout=self.seconds)
        except BaseException as error:
            _end(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise SourceError(f"git {arguments[0]} took longer than {self.seconds} seconds") from None
            raise
        return Finished(process.returncode, output, complaint.decode(errors="replace"))

    @contextmanager
    def stream(self, *arguments: str, given: bytes = b"") -> Generator[IO[bytes]]:
        """Give the output of a command while it runs; a reader that has enough raises, which ends the command.

        Raises SourceError if it cannot be started, takes too long or fails.
        """
        with tempfile.TemporaryFile() as questions, tempfile.TemporaryFile() as complaints:
            questions.write(given)
            questions.seek(0)
            process = self._start(arguments, (), questions, complaints)
            alarm = _Alarm(process, self.seconds)
            try:
                yield alarm.output
                process.wait()
            except Exception:
                if not alarm.rang.is_set():
                    raise
            finally:
                alarm.end()
            if alarm.rang.is_set():
                raise SourceError(f"git {arguments[0]} took longer than {self.seconds} seconds")
            if process.returncode:
                complaints.seek(0)
                text = complaints.read(_LONGEST_COMPLAINT).decode(errors="replace").strip()
                raise SourceError(f"git {arguments[0]}: {text or 'failed without a message'}")

    def _start(
        self,
        arguments: Sequence[str],
        configuration: Sequence[str],
        given: int | IO[bytes],
        complaints: int | IO[bytes],
    ) -> subprocess.Popen[bytes]:
        settings = (word for setting in (*self.configuration, *configuration) for word in ("-c", setting))
        command = ["git", *settings, *arguments]
        try:
            process = subprocess.Popen(  # noqa: S603 an argument list, no shell
                command,
                cwd=self.folder,
                env=self.environment,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=complaints,
                start_new_session=True,  # a group of its own, to be ended with the helpers that Git starts
            )
        except OSError as error:
            raise SourceError(f"git cannot be run: {error.strerror}; install git") from error
        if self.largest is not None and hasattr(resource, "prlimit"):
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (self.largest, self.largest))
        return process


class _Alarm:
    """Ends a process that takes too long, and at the end what is left of it."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        if process.stdout is None:
            raise TypeError("the output of the process is not a pipe")
        self.output = process.stdout
        self.rang = threading.Event()
        self._process = process
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.start()

    def _ring(self) -> None:
        self.rang.set()
        _kill(self._process)

    def end(self) -> None:
        self._timer.cancel()
        _end(self._process)


def environment(inherits: Callable[[str], bool], **own: str) -> dict[str, str]:
    """Make the environment of a command: what it inherits of ours by name, what holds for all, its own."""
    inherited = {name: value for name, value in os.environ.items() if inherits(name)}
    return {**inherited, **_SETTINGS, **own}


def batch(output: bytes, number: int) -> Iterator[bytes | None]:
    """Split the output of `cat-file --batch` for a number of objects into their contents; None for a missing one."""
    at = 0
    for _ in range(number):
        end = output.index(b"\n", at)
        head = output[at:end].split(b" ")
        at = end + 1
        if head[-1] == b"missing":
            yield None
            continue
        size = int(head[-1])
        yield output[at : at + size]
        at += size + 1


def _end(process: subprocess.Popen[bytes]) -> None:
    _kill(process)
    process.communicate()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
