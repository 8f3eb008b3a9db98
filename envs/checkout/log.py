"""Commits of the user's checkout: who wrote them and when, and what files said in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from envs.checkout.git import run
from gitops.source.command import batch

_OFFLINE = {"GIT_NO_LAZY_FETCH": "1"}
_FORMAT = "%x01%H%x00%an%x00%cI%x00%(trailers:key=Reviewed-by,key=Approved-by,key=Acked-by,valueonly,separator=%x02)"


@dataclass(frozen=True, slots=True)
class Commit:
    """What Git says of one commit."""

    id: str
    author: str
    at: dt.datetime
    """When it was committed."""
    approved_by: tuple[str, ...]
    """People of its trailers Reviewed-by, Approved-by and Acked-by."""


def describe(folder: Path, commits: Iterable[str]) -> Mapping[str, Commit]:
    """Describe commits, by their ids; one process for all of them."""
    given = "".join(f"{commit}\n" for commit in dict.fromkeys(commits)).encode()
    if not given:
        return {}
    options = ("--no-walk=unsorted", "--stdin", "--no-show-signature", f"--format={_FORMAT}")
    answer = run(folder, "log", *options, given=given).decode(errors="replace")
    found = (_parsed(entry) for entry in answer.split("\x01") if entry.strip())
    return {commit.id: commit for commit in found}


def first_parents(folder: Path, paths: Sequence[str], most: int) -> list[str]:
    """List the commits of HEAD's own line that changed paths below `folder`, the newest first."""
    options = ("--first-parent", f"--max-count={most}", "HEAD")
    return run(folder, "rev-list", *options, "--", *paths).decode().split()


@dataclass(frozen=True, slots=True)
class Between:
    """What two commits have that the other does not."""

    old: int
    """Number of commits that only the old one has."""
    new: int
    """Number of commits that only the new one has."""
    subjects: tuple[str, ...]
    """The newest of the latter: short id and first line."""


def between(folder: Path, old: str, new: str, most: int) -> Between | None:
    """Compare two commits; None where this repository does not have both and all that is between. Fetches nothing."""
    given = f"{old}^{{commit}}\n{new}^{{commit}}\n".encode()
    listed = run(folder, "cat-file", "--batch-check", given=given, variables=_OFFLINE)
    if any(line.endswith((b" missing", b" ambiguous")) for line in listed.splitlines()):
        return None
    if run(folder, "rev-parse", "--is-shallow-repository").strip() == b"true":
        return None
    counted = run(folder, "rev-list", "--left-right", "--count", f"{old}...{new}", variables=_OFFLINE)
    left, right = map(int, counted.split())
    options = (f"--max-count={most}", "--no-show-signature", "--format=%h %s")
    told = run(folder, "log", *options, f"{old}..{new}", variables=_OFFLINE)
    return Between(left, right, tuple(told.decode(errors="replace").splitlines()))


def read_at(folder: Path, revision: str, paths: Sequence[str]) -> dict[str, bytes]:
    """Read files of a commit by their paths below `folder`; those that it does not have are left out."""
    given = "".join(f"{revision}:./{path}\n" for path in paths).encode()
    answer = run(folder, "cat-file", "--batch", given=given)
    pairs = zip(paths, batch(answer, len(paths)), strict=True)
    return {path: data for path, data in pairs if data is not None}


def _parsed(entry: str) -> Commit:
    identity, author, at, approved = entry.rstrip("\n").split("\0")
    names = tuple(name.strip() for name in approved.split("\x02") if name.strip())
    return Commit(identity, author, dt.datetime.fromisoformat(at), names)
