"""Commits a change at the head of a remote branch and pushes it; starts over where somebody else was first."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from components.objects.rendered import FOLDER as RENDERED
from envs.checkout.worktree import Author, Push, Worktree, commit_paths, default_branch, remote_worktree
from envs.config.layers.folder import RELEASES
from envs.errors import CommandError, Exit
from envs.gates.history import NAME_AND_TAG
from envs.releases.change import Change, Decide
from envs.releases.write import Written, write_change

ATTEMPTS = 30
_SPREAD = 12  # pushes that have room in the first pause
_LONGEST_PAUSE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a commit goes."""

    remote: str
    onto: str | None
    """Branch to start from; None is the default branch of the remote."""
    branch: str | None = None
    """Branch to push to, for a pull request; None is the one that it starts from."""


@dataclass(frozen=True, slots=True)
class Published:
    """What was pushed: nothing where the remote says it already."""

    written: Written
    branch: str
    commit: str | None
    attempts: int


def publish(
    root: Path, decide: Decide, destination: Destination, author: Author | None, today: date
) -> Published:
    """Apply a change to the head of a remote branch and push it as one commit, never by force.

    Only the temporary work tree is written. Raises CommandError where the server refuses (at once), or where
    others were first in every attempt.
    """
    onto = destination.onto or default_branch(root, destination.remote)
    target = destination.branch or onto
    with remote_worktree(root, destination.remote) as tree:
        writer = _Writer(tree, decide, author, today)
        for attempt in range(1, ATTEMPTS + 1):
            began = time.monotonic()
            commit = writer.commit_on(_head(tree, target, onto))
            if commit is not None and not writer.replayed:  # that took long: others may have pushed meanwhile
                began = time.monotonic()
                commit = writer.commit_on(_head(tree, target, onto))
            if commit is None or tree.push(commit, target) is Push.DONE:
                return Published(writer.written, target, commit, attempt)
            time.sleep(_pause(time.monotonic() - began, attempt))
    text = f"others pushed to {target} first in {ATTEMPTS} attempts; nothing was pushed, try again later"
    raise CommandError(text, Exit.OUTSIDE_FAILED)


def _pause(window: float, losses: int) -> float:
    """Choose how long to wait after a lost race, in seconds; `window` is what fetching and pushing took.

    Whoever lost to several others at once comes with all who lost to them: only waits that are long beside a push let
    them come one after the other. https://en.wikipedia.org/wiki/Exponential_backoff
    """
    return random.uniform(0, min(_LONGEST_PAUSE, window * _SPREAD * losses))  # noqa: S311 not a secret


class _Writer:
    """Makes the commit of a change on one head after the other."""

    def __init__(self, tree: Worktree, decide: Decide, author: Author | None, today: date) -> None:
        self._tree, self._decide, self._author, self._today = tree, decide, author, today
        self._made: tuple[str, str] | None = None  # the last commit, and the head that it was made on
        self.replayed = False
        self.written: Written

    def commit_on(self, head: str) -> str | None:
        """Commit the change on a head; None where that says so already."""
        commit = self._replay(*self._made, head) if self._made is not None else None
        self.replayed = commit is not None
        if commit is None:
            self._tree.move_to(head)
            self.written = write_change(self._tree.root, self._decide, self._today)
            if not self.written.paths:
                return None
            text = message(self.written.change)
            commit = commit_paths(self._tree.root, self.written.paths, text, self._author)
        self._made = (commit, head)
        return commit

    def _replay(self, commit: str, before: str, head: str) -> str | None:
        """Put the commit onto a newer head where that cannot change it: decided anew, it would be the same.

        So it is if others only moved releases of other workloads. A tag that they use too is judged anew.
        """
        if head == before:
            return commit
        changed = self._tree.changed(before, head)
        prefix = f"{self._tree.prefix}/" if self._tree.prefix else ""
        holds = {f"{Path(path).parent!s}.yaml" for path in self.written.change.files}
        ours = {f"{prefix}{path}" for path in (*self.written.paths, *holds)}
        elsewhere = all(path.startswith((f"{prefix}{RELEASES}/", f"{prefix}{RENDERED}/")) for path in changed)
        if not elsewhere or ours & set(changed):
            return None
        releases = [path for path in changed if path.startswith(f"{prefix}{RELEASES}/")]
        theirs = _names(self._tree.contents(head, releases))
        return (
            None if theirs & _names(self.written.change.files.values()) else self._tree.replay(commit, head)
        )


def _names(releases: Iterable[bytes]) -> set[bytes]:
    """Find what may be the name of an image with its tag in files."""
    return {name for data in releases for name in NAME_AND_TAG.findall(data)}


def message(change: Change) -> str:
    """Write the message of a commit."""
    return f"{change.subject}\n\n{change.body}".strip() + "\n"


def _head(tree: Worktree, branch: str, onto: str) -> str:
    """Find the commit to start from: of the branch for the pull request if it exists, else of the main branch."""
    commit = tree.fetch(branch) or tree.fetch(onto)
    if commit is None:
        raise CommandError(f"{tree.remote} has no branch {onto}; name one with --onto", Exit.BAD_INPUT)
    return commit
