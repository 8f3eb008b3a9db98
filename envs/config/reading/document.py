"""One YAML file in, a tree of nodes out in which every key and value has its origin."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from envs.config.reading.events import DocumentError, Node, position_of, read_events
from envs.config.reading.faults import Fault
from envs.config.reading.origin import Origin

MAXIMUM_BYTES = 1024 * 1024

# What YAML 1.2 does not allow (https://yaml.org/spec/1.2.2/#51-character-set), what only some programs take
# for the end of a line, and what makes a text look other than it is (CVE-2021-42574).
_REFUSED = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|[\u2028\u2029\u200b\u202a-\u202e\u2066-\u2069\ufeff]"
)


def read_document(path: Path, name: str) -> Node:
    """Read the file at `path`, called `name` in origins; raises DocumentError with all its faults."""
    return parse_document(_read(path, name), name)


def parse_document(data: bytes, name: str) -> Node:
    """Parse the bytes of one layer; raises DocumentError with all its faults."""
    start = Origin(name, 1, 1)
    if len(data) > MAXIMUM_BYTES:
        raise DocumentError(
            Fault(
                start, "", f"has more than {MAXIMUM_BYTES:,} bytes, the most that a layer may have; split it"
            )
        )
    text = _decode(data, name)
    refused = _REFUSED.search(text)
    if refused:
        code = f"U+{ord(refused[0]):04X}"
        message = f'has the invisible character {code}; delete it, or write it as an escape in "…"'
        raise DocumentError(Fault(position_of(name, text, refused.start()), "", message))
    node = read_events(text, name)
    if node is None:
        raise DocumentError(Fault(start, "", "is empty; write at least one key, or delete the file"))
    if not isinstance(node.value, dict):
        kind = "a list" if isinstance(node.value, list) else "a single value"
        raise DocumentError(Fault(node.origin, "", f"is {kind}; a layer is a mapping, key: value"))
    return node


def _read(path: Path, name: str) -> bytes:
    """Read a regular file, and no more of it than a layer may have; a pipe would wait for ever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return file.read(MAXIMUM_BYTES + 1)
    except IsADirectoryError:
        pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise DocumentError(Fault(Origin(name, 1, 1), "", f"cannot be read: {reason}")) from error
    raise DocumentError(Fault(Origin(name, 1, 1), "", "is not a file; only files may be called *.yaml here"))


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        origin = position_of(name, data[: error.start].decode("utf-8-sig"), None)
        raise DocumentError(Fault(origin, "", "is not UTF-8 here; save the file as UTF-8")) from error
