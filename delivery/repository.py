"""Git, by its own command: what a commit holds, without touching the working tree."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from delivery.exits import CommandError, Exit

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

    def head(self) -> str | None:
        """Id of the last commit, or None before the first one and outside of a repository."""
        return self._commit("HEAD")

    def base(self, reference: str | None) -> str | None:
        """Find the commit to compare with.

        The merge base with `reference`, else with the main branch, else the last commit; None where there
        is no commit. Raises CommandError for a reference that does not exist or shares no history.
        """
        if self.head() is None:
            return None
        if reference is not None:
            return self._merge_base(reference)
        main = next((branch for branch in MAIN_BRANCHES if self._commit(branch)), None)
        return self._merge_base(main) if main else self.head()

    def files(self, commit: str, folder: str) -> list[Blob]:
        """List the files of a commit below a folder of the root."""
        answer = self._run("ls-tree", "-r", "-z", commit, "--", f"{folder}/")
        rows = (row.partition("\t") for row in answer.decode().split("\0") if row)
        return [Blob(path, description.split(" ")[2]) for description, _, path in rows]

    def read(self, blobs: Iterable[Blob]) -> Mapping[str, bytes]:
        """Read files of a commit, by path; one process for all of them."""
        wanted = list(blobs)
        if not wanted:
            return {}
        names = "".join(f"{blob.id}\n" for blob in wanted).encode()
        answer, contents, start = self._run("cat-file", "--batch", stdin=names), {}, 0
        for blob in wanted:
            end = answer.index(b"\n", start)
            size = int(answer[start:end].rsplit(b" ", 1)[1])
            contents[blob.path] = answer[end + 1 : end + 1 + size]
            start = end + size + 2
        return contents

    def _merge_base(self, reference: str) -> str:
        commit = self._commit(reference)
        if commit is None:
            raise CommandError(f"Git knows no {reference}; fetch it, or name another --base", Exit.BAD_INPUT)
        try:
            return self._run("merge-base", "HEAD", commit).decode().strip()
        except CommandError as error:
            advice = "a shallow clone has too little of it; fetch the whole history (fetch-depth: 0)"
            raise CommandError(
                f"HEAD and {reference} share no history here; {advice}", Exit.OUTSIDE_FAILED
            ) from error

    def _commit(self, reference: str) -> str | None:
        try:
            name = f"{reference}^{{commit}}"
            return self._run("rev-parse", "--verify", "--quiet", "--end-of-options", name).decode().strip()
        except CommandError:
            return None

    def _run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        # Paths are answered as they are, and relative to the root: it may be a folder of its repository.
        command = ["git", "-c", "core.quotePath=false", *arguments]
        environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        try:
            done = subprocess.run(  # noqa: S603 an argument list, no shell
                command, cwd=self.folder, input=stdin, capture_output=True, check=False, env=environment
            )
        except OSError as error:
            raise CommandError(f"git does not run: {error.strerror}", Exit.OUTSIDE_FAILED) from error
        if done.returncode != 0:
            message = done.stderr.decode(errors="replace").strip()
            raise CommandError(f"git {arguments[0]}: {message}", Exit.OUTSIDE_FAILED)
        return done.stdout


def blob_id(data: bytes, like: str) -> str:
    """Id that Git gives to a file's bytes, in the hash function of the id `like`."""
    algorithm = hashlib.sha1 if len(like) == 40 else hashlib.sha256  # noqa: PLR2004 Git's own choice
    return algorithm(b"blob %d\0" % len(data) + data).hexdigest()
