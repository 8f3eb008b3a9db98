"""The files of a Git tree, listed while Git prints them: a tree of a few objects may stand for millions of files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from gitops.errors import ManifestError
from gitops.globs import any_matches
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin

if TYPE_CHECKING:
    from gitops.settings import ApplicationSource, RunLimits
    from gitops.source.git import Git

MOST_LISTED = 1_000_000  # entries of a tree, whether they match or not
LONGEST_PATH = 4096  # bytes, as in Linux (PATH_MAX)
_SUBMODULE = "160000"
_PART = 64 * 1024  # bytes that are read at once


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a tree; `path` is relative to the repository."""

    mode: str
    blob: str
    path: str


def entries(git: Git, oid: str, source: ApplicationSource, limits: RunLimits) -> list[Entry]:
    """List the files that match the globs of a source; raises ManifestError as soon as there are too many."""
    top = "" if source.path == "." else f"{source.path}/"
    recurse = ("-r",) if source.recurse else ()
    found: list[Entry] = []
    with git.stream("ls-tree", *recurse, "-z", "--full-tree", oid) as output:
        for number, line in enumerate(_lines(output, source.path), start=1):
            if (entry := _wanted(line, top, source)) is not None:
                found.append(entry)
            if len(found) > limits.files:
                raise _too_much(source.path, f"holds more files than the limit of {limits.files}")
            if number > MOST_LISTED:
                raise _too_much(source.path, f"holds more than {MOST_LISTED:,} files of any kind")
    return found


def _lines(output: IO[bytes], path: str) -> Iterator[bytes]:
    """Cut the output of `ls-tree -z` into entries."""
    rest = b""
    while part := output.read(_PART):
        *whole, rest = (rest + part).split(b"\0")
        yield from whole
        if len(rest) > 2 * LONGEST_PATH:
            raise _too_much(path, f"holds a path of more than {LONGEST_PATH} bytes")


def _wanted(line: bytes, top: str, source: ApplicationSource) -> Entry | None:
    description, _, name = line.decode(errors="surrogateescape").partition("\t")
    mode, kind, blob = description.split(" ")
    matches = mode == _SUBMODULE or any_matches(source.include, name)
    if kind == "tree" or not matches or any_matches(source.exclude, name):
        return None
    return Entry(mode, blob, top + name)


def _too_much(path: str, message: str) -> ManifestError:
    return ManifestError([Fault(Origin(path), "", f"{message}; follow a folder that holds fewer")])
