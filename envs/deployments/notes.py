"""The Git notes that hold the record of deployments, read from this clone and written to its remote.

Notes are attached to the commit that was deployed, one line for each deployment, and only ever grow: two sides are
merged by the union of their lines (`cat_sort_uniq` of https://git-scm.com/docs/git-notes#_notes_merge_strategies).
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass

from envs.checkout.git import was_overtaken
from envs.checkout.repository import Repository
from envs.deployments.history import History
from envs.deployments.record import Deployment, parse_note
from envs.errors import CommandError, Exit
from gitops.source.command import Finished, batch

REF = "refs/notes/deployments"
FETCH = f"git fetch origin {REF}:{REF}"
_LARGEST_NOTE = 1 << 20  # bytes; several thousand deployments of one commit
_ATTEMPTS = 30
_LONGEST_PAUSE = 2.0  # seconds before another attempt; the first pauses are shorter


def read_history(repository: Repository) -> History:
    """Read the deployments of the root that this clone knows; offline. Raises CommandError if Git fails.

    A folder without a repository, and a clone without these notes, have no deployments.
    """
    listed = repository.git("ls-tree", "-r", "-l", "-z", "--full-tree", REF)
    if listed.code != 0:
        return History()
    root = root_of(repository)
    found = [*_read(repository, [*_entries(listed.output)])]
    records = [each for each in found if isinstance(each, Deployment) and each.root == root]
    return History(records, [each for each in found if isinstance(each, str)])


def root_of(repository: Repository) -> str:
    """Return the path of the root within its repository; empty for the top folder."""
    prefix = _run(repository, "rev-parse", "--show-prefix").output
    return prefix.decode(errors="replace").removesuffix("\n").removesuffix("/")


@dataclass(frozen=True, slots=True)
class _Entry:
    """The note of one commit."""

    commit: str
    blob: str
    size: int


def _entries(listing: bytes) -> Iterator[_Entry]:
    for row in listing.decode(errors="replace").split("\0"):
        description, _, path = row.partition("\t")
        fields = description.split()
        if len(fields) == 4 and fields[1] == "blob":  # noqa: PLR2004 mode, type, id, size
            yield _Entry(path.replace("/", ""), fields[2], int(fields[3]))


def _read(repository: Repository, entries: list[_Entry]) -> Iterator[Deployment | str]:
    for entry in entries:
        if entry.size > _LARGEST_NOTE:
            yield f"note of commit {entry.commit[:12]}: is larger than {_LARGEST_NOTE:,} bytes"
    readable = [entry for entry in entries if entry.size <= _LARGEST_NOTE]
    names = "".join(f"{entry.blob}\n" for entry in readable).encode()
    answer = _run(repository, "cat-file", "--batch", given=names).output if readable else b""
    for entry, note in zip(readable, batch(answer, len(readable)), strict=True):
        yield from parse_note(entry.commit, note or b"")


def record(repository: Repository, deployment: Deployment, remote: str | None) -> None:
    """Add a deployment to the notes of this clone and, if `remote` names one, to those of that remote.

    What others have pushed in the meantime is merged, and the push is tried again; it is never forced. Deployments
    that were recorded here and never pushed are pushed with it. Raises CommandError if Git or the remote refuses,
    or if others are faster all the time.
    """
    if remote is None:
        _add(repository, REF, deployment)
        return
    scratch = f"refs/notes/envs-{secrets.token_hex(8)}"  # parallel commands in this clone do not meet
    try:
        for attempt in range(_ATTEMPTS):
            _take(repository, scratch, remote)
            _add(repository, scratch, deployment)
            if _push(repository, scratch, remote):
                _merge(repository, REF, scratch)
                return
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.1 * 2**attempt)))  # noqa: S311 jitter, no secret
    finally:
        repository.git("update-ref", "-d", scratch)
    message = f"{remote} got other deployments before each of {_ATTEMPTS} attempts; try again"
    raise CommandError(message, Exit.OUTSIDE_FAILED)


def _take(repository: Repository, scratch: str, remote: str) -> None:
    """Let `scratch` be the notes of the remote, merged with those of this clone that it does not have."""
    repository.git("update-ref", "-d", scratch)
    if _run(repository, "ls-remote", "--", remote, REF).output.strip():
        _run(
            repository, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, f"+{REF}:{scratch}"
        )
    if repository.git("rev-parse", "--verify", "--quiet", REF).code == 0:
        _merge(repository, scratch, REF)


def _merge(repository: Repository, into: str, other: str) -> None:
    _run(
        repository,
        *_author(repository),
        "notes",
        "--ref",
        into,
        "merge",
        "--quiet",
        "-s",
        "cat_sort_uniq",
        other,
    )


def _add(repository: Repository, ref: str, deployment: Deployment) -> None:
    line = f"{deployment.line()}\n".encode()
    words = ("notes", "--ref", ref, "append", "--file", "-", deployment.commit)
    _run(repository, *_author(repository), *words, given=line)


def _push(repository: Repository, scratch: str, remote: str) -> bool:
    """Push without force; returns False if somebody else was faster."""
    pushed = repository.git("push", "--porcelain", "--no-verify", remote, f"{scratch}:{REF}")
    if pushed.code == 0:
        return True
    said = f"{pushed.output.decode(errors='replace')}{pushed.complaint}"
    if was_overtaken(said):
        return False
    raise _failure("push", pushed)


def _author(repository: Repository) -> tuple[str, ...]:
    """Name an author for the commits of the notes where none is configured, as on the runners of pipelines."""
    if repository.git("var", "GIT_COMMITTER_IDENT").code == 0:
        return ()
    return ("-c", "user.name=envs", "-c", "user.email=envs@localhost")


def _run(repository: Repository, *arguments: str, given: bytes = b"") -> Finished:
    finished = repository.git(*arguments, given=given)
    if finished.code != 0:
        raise _failure(next(word for word in arguments if word[0] != "-" and "=" not in word), finished)
    return finished


def _failure(verb: str, finished: Finished) -> CommandError:
    return CommandError(f"git {verb}: {finished.complaint.strip()}", Exit.OUTSIDE_FAILED)
