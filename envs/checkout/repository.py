"""Reads commits of the user's checkout with the `git` command, without touching the working tree."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from envs.checkout.git import failure, run, start
from envs.checkout.history import Version, parse_changes
from envs.errors import CommandError, Exit
from gitops.source.command import Finished, batch
from kube.yaml.faults import printable

_LONGEST_NAME = 80
_WHOLE = "fetch the whole history (git fetch --unshallow; in CI fetch-depth: 0)"
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
        """Find the commit to compare with: the merge base with `reference`, else with the main branch.

        None where there is no commit at all. Raises CommandError for a reference that does not exist or shares
        no history, for a repository without a main branch, and for a shallow clone, which would be compared with
        itself.
        """
        if not self._exists() or self._commit("HEAD") is None:
            if reference is None:
                return None
            raise CommandError(f"{self.folder} has no commit to compare with", Exit.BAD_INPUT)
        return self._merge_base(reference if reference is not None else self._main_branch())

    def _main_branch(self) -> str:
        if self._is_shallow():
            message = "this clone is shallow and may lack the commit to compare with"
            raise CommandError(f"{message}; {_WHOLE}, or name a commit with --base", Exit.BAD_INPUT)
        main = next((branch for branch in MAIN_BRANCHES if self._commit(branch)), None)
        if main is None:
            message = f"there is no main branch to compare with; looked for {', '.join(MAIN_BRANCHES)}"
            advice = "fetch it (git fetch origin main:refs/remotes/origin/main), or name a commit with --base"
            raise CommandError(f"{message}; {advice}", Exit.BAD_INPUT)
        return main

    def git(self, *arguments: str, given: bytes = b"") -> Finished:
        """Run a command of Git in the root and return what it left behind, whatever its exit code.

        Raises CommandError if it cannot be started or takes too long.
        """
        return self._start(*arguments, given=given)

    def top(self) -> Path | None:
        """Find the top folder of the checkout; None outside of a repository."""
        if not self._exists():
            return None
        return Path(os.fsdecode(self._run("rev-parse", "--show-toplevel").removesuffix(b"\n")))

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
        contents = {}
        answer = batch(self._run("cat-file", "--batch", given=names), len(wanted))
        for blob, content in zip(wanted, answer, strict=True):
            if content is None:
                raise CommandError(f"{blob.path} is not in this partial clone; fetch it", Exit.OUTSIDE_FAILED)
            contents[blob.path] = content
        return contents

    def _merge_base(self, reference: str) -> str:
        commit = self._commit(reference)
        if commit is None:
            shown = printable(reference, _LONGEST_NAME)
            raise CommandError(
                f'Git does not know "{shown}"; fetch it, or name another --base', Exit.BAD_INPUT
            )
        finished = self._start("merge-base", "HEAD", commit)
        if finished.code == 0:
            return finished.output.decode().strip()
        message = f"HEAD and {reference} share no history"
        if self._is_shallow():
            raise CommandError(f"{message} in this shallow clone; {_WHOLE}", Exit.BAD_INPUT)
        raise CommandError(message, Exit.OUTSIDE_FAILED)

    def _is_shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def _exists(self) -> bool:
        finished = self._start("rev-parse", "--git-dir")
        if finished.code == 0:
            return True
        if "not a git repository" in finished.complaint:
            return False
        # For example a folder of another owner, which Git does not trust.
        raise failure(("rev-parse",), finished)

    def _commit(self, reference: str) -> str | None:
        name = f"{reference}^{{commit}}"
        finished = self._start("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return finished.output.decode().strip() if finished.code == 0 else None

    def _run(self, *arguments: str, given: bytes = b"") -> bytes:
        return run(self.folder, *arguments, given=given)

    def _start(self, *arguments: str, given: bytes = b"") -> Finished:
        # Git prints paths unquoted and relative to the root, which may be a subfolder of its repository.
        return start(self.folder, *arguments, given=given)

    def check_history(self) -> None:
        """Raise CommandError where this clone is shallow: it lacks older commits."""
        if self._exists() and self._run("rev-parse", "--is-shallow-repository").strip() == b"true":
            message = "this clone is shallow, so older releases are not known here; fetch the whole history"
            raise CommandError(f"{message} (git fetch --unshallow; in CI fetch-depth: 0)", Exit.BAD_INPUT)

    def versions(self, reference: str, folder: str) -> list[Version]:
        """List every version of the files below a folder of the root, in all commits of `reference` and HEAD.

        Those of `reference` come first, from the oldest on. Of a merge it lists what none of its parents has.
        """
        commit = self._commit(reference)
        with self._whole_history():
            merged = self._commits_of(folder, f"{commit}")
            unmerged = self._commits_of(folder, "HEAD", f"^{commit}")
            # Plumbing, since settings of the user change what `git log` prints.
            options = ("--stdin", "--root", "-r", "-c", "--raw", "-z", "--no-renames")
            commits = "".join(f"{name}\n" for name in (*merged, *unmerged)).encode()
            answer = self._run("diff-tree", *options, "--", f"{folder}/", given=commits)
        prefix, known = self._run("rev-parse", "--show-prefix")[:-1], frozenset(merged)
        return [
            Version(path, blob, made, made in known)
            for made, path, blob in parse_changes(answer, os.fsdecode(prefix))
        ]

    def known(self, commits: Iterable[str]) -> list[str]:
        """Keep the ids of commits that this clone has."""
        given = "".join(f"{commit}\n" for commit in commits).encode()
        if not given:
            return []
        answer = self._run("cat-file", "--batch-check=%(objectname) %(objecttype)", given=given).decode()
        rows = (line.split() for line in answer.splitlines())
        return [row[0] for row in rows if row[-1] == "commit"]

    def contents(self, versions: Iterable[Version]) -> Mapping[str, bytes]:
        """Read versions of files, by the id of their blob; one process for all of them."""
        several = list(versions)
        with self._whole_history():
            self._bring(several)
            return self.read(Blob(name, name) for name in dict.fromkeys(version.id for version in several))

    def _bring(self, versions: Iterable[Version]) -> None:
        """Fetch what a partial clone lacks of these at once; Git itself would fetch one file after the other.

        The options are Git's own: https://git-scm.com/docs/partial-clone#_fetching_missing_objects
        """
        remotes = self._promisors()
        if not remotes:
            return
        wanted = {version.id: version for version in versions}
        commits = "".join(f"{name}\n" for name in {version.commit for version in wanted.values()}).encode()
        options = ("--objects", "--missing=print", "--no-walk=unsorted", "--stdin", "--")
        folders = sorted({version.path.rpartition("/")[0] for version in wanted.values()})
        listed = (
            self._run("rev-list", *options, *folders, given=commits).decode(errors="replace")
            if wanted
            else ""
        )
        absent = {line[1:] for line in listed.splitlines() if line.startswith("?")} & wanted.keys()
        if absent:
            names = "".join(f"{name}\n" for name in sorted(absent)).encode()
            settings = ("-c", "fetch.negotiationAlgorithm=noop", "-c", "maintenance.auto=false")
            quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no")
            self._run(*settings, "fetch", *quiet, "--filter=blob:none", "--stdin", remotes[0], given=names)

    def _promisors(self) -> list[str]:
        """Name the remotes from which this partial clone gets what it lacks; none for a whole clone."""
        listed = self._start("config", "--get-regexp", r"^remote\..*\.promisor$")
        rows = listed.output.decode(errors="replace").splitlines()
        return [row.partition(" ")[0].removeprefix("remote.").removesuffix(".promisor") for row in rows]

    def _commits_of(self, folder: str, *revisions: str) -> list[str]:
        # Without --full-history, Git leaves out a merged branch of which nothing is left.
        options = ("--full-history", "--reverse")
        return self._run("rev-list", *options, *revisions, "--", f"{folder}/").decode().split()

    @contextmanager
    def _whole_history(self) -> Iterator[None]:
        """Say what to do where Git cannot read an older commit because this is a partial clone."""
        try:
            yield
        except CommandError as error:
            if not self._promisors():
                raise
            message = "this partial clone lacks older releases and cannot fetch them"
            reason = str(error).splitlines()[-1]
            advice = "make its remote reachable, or clone without --filter"
            raise CommandError(f"{message} ({reason}); {advice}", Exit.BAD_INPUT) from error


def blob_id(data: bytes, like: str) -> str:
    """Return the id that Git gives to a file's bytes, with the hash function of the id `like`."""
    algorithm = hashlib.sha1 if len(like) == 40 else hashlib.sha256  # noqa: PLR2004 Git's own choice
    return algorithm(b"blob %d\0" % len(data) + data).hexdigest()
