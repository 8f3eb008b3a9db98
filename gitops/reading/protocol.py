"""What the job and the process that reads files for it say to each other: lines of JSON, each bounded.

The job sends a line for each file and then its bytes. The process answers with a line for each object and each
fault, and at the end with the processor time that the file has taken. Nothing that it says is executed or unpickled.
"""

from __future__ import annotations

import json
from typing import IO, Any

from gitops.objects import DesiredObject, key_of
from kube.yaml.faults import LONGEST_LINE, Fault, printable
from kube.yaml.origin import Origin

LARGEST_OBJECT = 3 * 2**20  # bytes as JSON: the most that the API server takes in one request
_LONGEST = LARGEST_OBJECT + 64 * 1024
NO_MEMORY = 3  # exit code of a process that has none left


class ProtocolError(Exception):
    """The other side said something that is not in the protocol, or nothing any more."""


def request_line(path: str, content: bytes, seconds: float) -> bytes:
    """Write the head of a file, which may take so many seconds of processor time."""
    return _line([path, len(content), seconds])


def read_request(stream: IO[bytes]) -> tuple[str, bytes, float] | None:
    """Read a file and the seconds of processor time that it may take; None at the end."""
    head = stream.readline(_LONGEST)
    if not head:
        return None
    path, size, seconds = json.loads(head)
    return path, stream.read(size), seconds


def object_line(manifest: DesiredObject) -> bytes | Fault:
    """Write an object; a fault where no API server would take it."""
    place = manifest.origin
    line = _line([place.line, place.column, manifest.body])
    if len(line) > LARGEST_OBJECT:
        message = f"has more than {LARGEST_OBJECT:,} bytes, the most that an API server takes; split it"
        return Fault(place, "", f"{manifest.key}: {message}")
    return line


def fault_line(fault: Fault) -> bytes:
    """Write a fault."""
    place, path = fault.origin, printable(fault.path, LONGEST_LINE)
    return _line([place.line, place.column, path, printable(fault.message, LONGEST_LINE)])


def end_line(seconds: float) -> bytes:
    """Write the end of the answers about a file, and the seconds of processor time that it took."""
    return _line([seconds])


def read_line(stream: IO[bytes]) -> bytes:
    """Read one answer about a file; raises ProtocolError."""
    line = stream.readline(_LONGEST)
    if not line.endswith(b"\n"):
        raise ProtocolError
    return line


def answer(line: bytes, path: str) -> DesiredObject | Fault | float:
    """Understand one answer about a file; raises ProtocolError."""
    try:
        words = json.loads(line)
        if len(words) == 1:
            return float(words[0])
        place = Origin(path, int(words[0]), int(words[1]))
        if len(words) == 3:  # noqa: PLR2004 - line, column, object
            return DesiredObject(key_of(words[2]), words[2], place)
        _, _, field, message = words
        return Fault(place, str(field), str(message))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ProtocolError from error


def _line(words: list[Any]) -> bytes:
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="surrogatepass") + b"\n"
