"""One layer as a tree of nodes in which every key and value has its origin."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from kube.yaml.compose import ReadLimits
from kube.yaml.faults import DocumentError, Fault
from kube.yaml.origin import Origin
from kube.yaml.source import decode
from kube.yaml.tree import Node, read_tree

LIMITS = ReadLimits(bytes=8 * 1024 * 1024, depth=64, nodes=1_000_000)

# What only some programs take for the end of a line, and what makes a text look other than it is (CVE-2021-42574).
_MISLEADING = re.compile("[\x85\u2028\u2029\u200b\u202a-\u202e\u2066-\u2069\ufeff]")


def read_document(path: Path, name: str) -> Node:
    """Read the file at `path`, called `name` in origins; raises DocumentError with all its faults."""
    return parse_document(_read(path, name), name)


def parse_document(data: bytes, name: str) -> Node:
    """Parse the bytes of one layer; raises DocumentError with all its faults."""
    source = decode(data, name, LIMITS.bytes)
    misleading = _MISLEADING.search(source.text)
    if misleading:
        raise DocumentError(source.invisible(misleading.start()))
    node = read_tree(source, LIMITS)
    if node is None:
        raise DocumentError(
            Fault(Origin(name, 1, 1), "", "is empty; write at least one key, or delete the file")
        )
    if not isinstance(node.value, dict):
        kind = "a list" if isinstance(node.value, list) else "a single value"
        raise DocumentError(Fault(node.origin, "", f"is {kind}; a layer is a mapping, key: value"))
    return node


def _read(path: Path, name: str) -> bytes:
    """Read a regular file, and no more of it than a layer may have; a pipe would block forever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return file.read(LIMITS.bytes + 1)
    except IsADirectoryError:
        pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise DocumentError(Fault(Origin(name, 1, 1), "", f"cannot be read: {reason}")) from error
    raise DocumentError(Fault(Origin(name, 1, 1), "", "is not a file; only files may be called *.yaml here"))
