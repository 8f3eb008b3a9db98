"""Reads commits of the user's checkout with the `git` command, without touching the working tree."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from envs.config.reading.faults import printable
from envs.errors import CommandError, Exit

_OF_HOOKS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"})
_LONGEST_NAME = 80
MAIN_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass(frozen=True, slots=True)
class Blob:
    """One file of a commit."""

    path: str
    """Path below the root that was asked for."""
    id: str


@dataclass(frozen=True, slots=True)
class Repository:
    """The checkout that holds a root."""

    folder: Path

    def base(self, reference: str | None) -> str | None:
        """Find the commit to compare with.

        The merge base with `reference`, else with the main branch, else the last commit; None where there
        is no commit. Raises CommandError for a reference that does not exist or shares no history.
        """
        if not self._exists() or self._commit("HEAD") is None:
            if reference is None:
                return None
            raise CommandError(f"{self.folder} has no commit to compare with", Exit.BAD_INPUT)
        if reference is not None:
            return self._merge_base(reference)
        main = next((branch for branch in MAIN_BRANCHES if self._commit(branch)), None)
        return self._merge_base(main) if main else self._commit("HEAD")

    def files(self, commit: str, folder: str) -> list[Blob]:
        """List the files of a commit below a folder of the root."""
        answer = self._run("ls-tree", "-r", "-z", commit, "--", f"{folder}/")
        rows = (row.partition("\t") for row in os.fsdecode(answer).split("\0") if row)
        entries = ((path, *description.split(" ")) for description, _, path in rows)
        return [Blob(path, identity) for path, _, kind, identity in entries if kind == "blob"]

    def read(self, blobs: Iterable[Blob]) -> Mapping[str, bytes]:
        """Read files of a commit, by path; one process for all of them."""
        wanted = list(blobs)
        if not wanted:
            return {}
        names = "".join(f"{blob.id}\n" for blob in wanted).encode()
        answer, contents, start = self._run("cat-file", "--batch", stdin=names), {}, 0
        for blob in wanted:
            end = answer.index(b"\n", start)
            head = answer[start:end].decode().split(" ")
            if head[-1] == "missing":
                raise CommandError(f"{blob.path} is not in this partial clone; fetch it", Exit.OUTSIDE_FAILED)
            size = int(head[2])
            contents[blob.path] = answer[end + 1 : end + 1 + size]
            start = end + size + 2
        return contents

    def _merge_base(self, reference: str) -> str:
        commit = self._commit(reference)
        if commit is None:
            shown = printable(reference, _LONGEST_NAME)
            raise CommandError(
                f'Git does not know "{shown}"; fetch it, or name another --base', Exit.BAD_INPUT
            )
        done = self._start("merge-base", "HEAD", commit)
        if done.returncode == 0:
            return done.stdout.decode().strip()
        message = f"HEAD and {reference} share no history"
        if self._run("rev-parse", "--is-shallow-repository").strip() == b"true":
            message += (
                " in this shallow clone; fetch the full history (git fetch --unshallow, fetch-depth: 0)"
            )
        raise CommandError(message, Exit.OUTSIDE_FAILED)

    def _exists(self) -> bool:
        done = self._start("rev-parse", "--git-dir")
        if done.returncode == 0:
            return True
        if b"not a git repository" in done.stderr:
            return False
        raise _failure("rev-parse", done)  # for example a folder of another owner, which Git does not trust

    def _commit(self, reference: str) -> str | None:
        name = f"{reference}^{{commit}}"
        done = self._start("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def _run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        done = self._start(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise _failure(arguments[0], done)
        return done.stdout

    def _start(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        # Git prints paths unquoted and relative to the root, which may be a subfolder of its repository.
        command = ["git", "-c", "core.quotePath=false", *arguments]
        # A hook inherits variables that name the repository it runs for; ours is the one that holds the root.
        inherited = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS}
        environment = {**inherited, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        try:
            return subprocess.run(  # noqa: S603 an argument list, no shell
                command, cwd=self.folder, input=stdin, capture_output=True, check=False, env=environment
            )
        except OSError as error:
            raise CommandError(f"git cannot be run: {error.strerror}", Exit.OUTSIDE_FAILED) from error


def _failure(verb: str, done: subprocess.CompletedProcess[bytes]) -> CommandError:
    message = done.stderr.decode(errors="replace").strip()
    return CommandError(f"git {verb}: {message}", Exit.OUTSIDE_FAILED)


def blob_id(data: bytes, like: str) -> str:
    """Return the id that Git gives to a file's bytes, with the hash function of the id `like`."""
    algorithm = hashlib.sha1 if len(like) == 40 else hashlib.sha256  # noqa: PLR2004 Git's own choice
    return algorithm(b"blob %d\0" % len(data) + data).hexdigest()
