"""Commits a change at the head of a remote branch and pushes it; starts over where somebody else was first."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from envs.checkout.worktree import Author, Push, Worktree, commit_paths, default_branch, remote_worktree
from envs.errors import CommandError, Exit
from envs.releases.change import Change, Decide
from envs.releases.write import Written, write_change

ATTEMPTS = 30
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 3.0  # seconds


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
        for attempt in range(1, ATTEMPTS + 1):
            tree.move_to(_head(tree, target, onto))
            written = write_change(tree.root, decide, today)
            if not written.paths:
                return Published(written, target, None, attempt)
            commit = commit_paths(tree.root, written.paths, message(written.change), author)
            if tree.push(commit, target) is Push.DONE:
                return Published(written, target, commit, attempt)
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)))  # noqa: S311 not a secret
    text = f"others pushed to {target} first in {ATTEMPTS} attempts; nothing was pushed, try again later"
    raise CommandError(text, Exit.OUTSIDE_FAILED)


def message(change: Change) -> str:
    """Write the message of a commit."""
    return f"{change.subject}\n\n{change.body}".strip() + "\n"


def _head(tree: Worktree, branch: str, onto: str) -> str:
    """Find the commit to start from: of the branch for the pull request if it exists, else of the main branch."""
    commit = tree.fetch(branch) or tree.fetch(onto)
    if commit is None:
        raise CommandError(f"{tree.remote} has no branch {onto}; name one with --onto", Exit.BAD_INPUT)
    return commit
