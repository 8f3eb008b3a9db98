"""The `git` command: one process without shell or prompt, its output and Git's own words back."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gitops.errors import SourceError

_SETTINGS = {
    "LC_ALL": "C",  # messages are matched, and shown as they are documented
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
}


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

    def run(self, *arguments: str, given: bytes = b"", configuration: Sequence[str] = ()) -> Finished:
        """Run one command to its end; raises SourceError if it cannot be started or takes too long."""
        settings = (word for setting in (*self.configuration, *configuration) for word in ("-c", setting))
        command = ["git", *settings, *arguments]
        try:
            process = subprocess.Popen(  # noqa: S603 an argument list, no shell
                command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # a group of its own, to be ended with the helpers that Git starts
            )
        except OSError as error:
            raise SourceError(f"git cannot be run: {error.strerror}; install git") from error
        try:
            output, complaint = process.communicate(given, timeout=self.seconds)
        except BaseException as error:
            _end(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise SourceError(f"git {arguments[0]} took longer than {self.seconds} seconds") from None
            raise
        return Finished(process.returncode, output, complaint.decode(errors="replace"))


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
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
