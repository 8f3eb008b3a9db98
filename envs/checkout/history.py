"""The raw output of `git diff-tree` in, the versions of files that commits made out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

_REGULAR_FILE = "100"  # https://git-scm.com/docs/git-diff-tree#_raw_output_format, modes 100644 and 100755


@dataclass(frozen=True, slots=True)
class Version:
    """What a commit made of one file."""

    path: str
    """Path below the root."""
    id: str
    """Id of the blob."""
    commit: str
    merged: bool
    """Whether the reference that was asked for has the commit, or only HEAD."""


def parse_changes(answer: bytes, prefix: str) -> Iterator[tuple[str, str, str]]:
    """Yield commit, path below `prefix` and blob of each file that a commit added or changed.

    `answer` is the output of `git diff-tree --stdin -r -c --raw -z`: for a merge it has only the files that
    differ from all parents, with as many colons as there are parents.
    """
    commit, tokens = "", iter(os.fsdecode(answer).split("\0"))
    for token in tokens:
        if not token.startswith(":"):
            commit = token
            continue
        parents = len(token) - len(token.lstrip(":"))
        fields, path = token[parents:].split(" "), next(tokens)
        mode, blob = fields[parents], fields[2 * parents + 1]
        if mode.startswith(_REGULAR_FILE):
            yield commit, path.removeprefix(prefix), blob
