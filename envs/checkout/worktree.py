"""A second work tree at the head of a remote branch: edited, committed and pushed, the user's own untouched."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from envs.checkout.git import run, start, was_overtaken
from envs.errors import CommandError, Exit
from gitops.source.command import Finished, batch

_STATUS = re.compile(r"^(?P<flag>[ +*=!-])\t(?P<refs>[^\t]*)\t(?P<summary>.*)$", re.MULTILINE)


class Push(Enum):
    """How a push ended."""

    DONE = "done"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes a commit, where Git's own configuration is not asked."""

    name: str
    email: str

    @property
    def variables(self) -> dict[str, str]:
        """The variables by which Git is told: https://git-scm.com/docs/git-commit#_commit_information."""
        said = {"NAME": self.name, "EMAIL": self.email}
        return {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in said.items()}


@dataclass(frozen=True, slots=True)
class Worktree:
    """A folder of its own with one commit of a repository in it."""

    repository: Path
    folder: Path
    remote: str
    prefix: str
    """Path of the root below the top of the repository; empty where both are the same."""

    @property
    def root(self) -> Path:
        """The root in this work tree."""
        return self.folder / self.prefix

    def fetch(self, branch: str) -> str | None:
        """Fetch the head of a branch of the remote; None where the remote has no such branch."""
        listed = run(self.repository, "ls-remote", "--heads", "--", self.remote, f"refs/heads/{branch}")
        commit = listed.decode().partition("\t")[0]
        if not commit:
            return None
        # Nothing that others write, too: neither FETCH_HEAD nor a ref of the remote, which two processes would lock.
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", *self._deepening())
        run(self.repository, "fetch", *options, self.remote, commit)
        return commit

    def _deepening(self) -> tuple[str, ...]:
        """Ask for the whole history, which judges tags; a partial clone gets it without the files."""
        if (self.folder / ".git").exists():  # it was fetched before
            return ()
        shallow = run(self.repository, "rev-parse", "--is-shallow-repository").strip() == b"true"
        return ("--unshallow",) if shallow else ()

    def move_to(self, commit: str) -> None:
        """Check out a commit; what was edited before is gone."""
        if (self.folder / ".git").exists():
            run(self.folder, "reset", "--quiet", "--hard", commit)
            run(self.folder, "clean", "--quiet", "--force", "-d", "-x")
        else:
            run(self.repository, "worktree", "add", "--quiet", "--detach", os.fspath(self.folder), commit)

    def changed(self, since: str, commit: str) -> list[str]:
        """List the files of the whole repository that differ between two commits."""
        answer = run(self.folder, "diff", "--name-only", "--no-renames", "-z", since, commit)
        return [path for path in os.fsdecode(answer).split("\0") if path]

    def contents(self, commit: str, paths: Sequence[str]) -> list[bytes]:
        """Read files of a commit by their paths in the repository; those that it does not have are left out."""
        given = "".join(f"{commit}:{path}\n" for path in paths).encode()
        answer = run(self.folder, "cat-file", "--batch", given=given) if paths else b""
        return [data for data in batch(answer, len(paths)) if data is not None]

    def replay(self, commit: str, onto: str) -> str | None:
        """Put a commit that was made here onto another; None where both change the same lines."""
        run(self.folder, "reset", "--quiet", "--hard", onto)
        variables = {"GIT_EDITOR": "true"}
        if start(self.folder, "cherry-pick", "--allow-empty", commit, variables=variables).code != 0:
            return None
        return run(self.folder, "rev-parse", "HEAD").decode().strip()

    def push(self, commit: str, branch: str) -> Push:
        """Push a commit to a branch of the remote, never by force.

        Raises CommandError where the server refuses for another reason than that somebody else was first.
        """
        refspec = f"{commit}:refs/heads/{branch}"
        # From the user's folder, to which the address of a remote may be relative.
        finished = start(self.repository, "push", "--porcelain", "--no-verify", self.remote, refspec)
        if finished.code == 0:
            return Push.DONE
        status = _STATUS.search(finished.output.decode(errors="replace"))
        summary = status["summary"] if status else ""
        if was_overtaken(summary):
            return Push.OVERTAKEN
        raise CommandError(_refusal(branch, summary, finished), Exit.OUTSIDE_FAILED)


def commit_paths(folder: Path, paths: Sequence[str], message: str, author: Author | None) -> str:
    """Commit paths below `folder` and nothing else; returns the commit. Hooks of the checkout do not run."""
    who = {} if author is None else author.variables
    given = "".join(f"{path}\0" for path in paths).encode()
    chosen = ("--pathspec-from-file=-", "--pathspec-file-nul")
    literal = ("--literal-pathspecs",)
    run(folder, *literal, "add", "--all", *chosen, given=given)
    words = ("commit", "--quiet", "--no-verify", "--only", *chosen, "--message", message)
    run(folder, *literal, *words, given=given, variables=who)
    return run(folder, "rev-parse", "HEAD").decode().strip()


@contextlib.contextmanager
def remote_worktree(root: Path, remote: str) -> Iterator[Worktree]:
    """Give a work tree beside the user's, in a temporary folder that is deleted at the end."""
    if start(root, "remote", "get-url", "--", remote).code != 0:
        raise CommandError(
            f"Git knows no remote {remote} here; add it, or name another with --remote", Exit.BAD_INPUT
        )
    prefix = os.fsdecode(run(root, "rev-parse", "--show-prefix").removesuffix(b"\n")).rstrip("/")
    parent = Path(tempfile.mkdtemp(prefix="envs-"))
    tree = Worktree(root, parent / secrets.token_hex(8), remote, prefix)
    try:
        yield tree
    finally:
        shutil.rmtree(parent, ignore_errors=True)
        start(root, "worktree", "prune")


def default_branch(root: Path, remote: str) -> str:
    """Find the branch that HEAD of the remote names."""
    answer = run(root, "ls-remote", "--symref", "--", remote, "HEAD").decode()
    named = re.search(r"^ref: refs/heads/(\S+)\tHEAD$", answer, re.MULTILINE)
    if named is None:
        raise CommandError(f"HEAD of {remote} names no branch; name one with --onto", Exit.OUTSIDE_FAILED)
    return named[1]


def _refusal(branch: str, summary: str, finished: Finished) -> str:
    if not summary:
        return f"git push: {finished.complaint.strip()}"
    said = [line for line in finished.complaint.splitlines() if line.startswith("remote:")]
    words = "\n".join([f"the server refuses the push to {branch}: {summary}", *said])
    return f"{words}\npush to a branch for a pull request instead: --branch NAME"
