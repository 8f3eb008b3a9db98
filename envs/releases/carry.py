"""Carries out a change: in the work tree, as one commit, or pushed to the remote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from components.objects.rendered import FOLDER as RENDERED
from envs.checkout.git import run
from envs.checkout.worktree import Author, commit_paths
from envs.config.layers.folder import FOLDER
from envs.config.load import load
from envs.errors import CommandError, Exit
from envs.releases.change import Decide
from envs.releases.publish import Destination, message, publish
from envs.releases.write import Written, write_change


@dataclass(frozen=True, slots=True)
class Carried:
    """What was done with a change."""

    written: Written
    commit: str | None = None
    branch: str | None = None
    """The branch of the remote that has the commit now."""
    attempts: int = 0


def write(root: Path, decide: Decide, today: date) -> Carried:
    """Write a change into the work tree."""
    return Carried(write_change(root, decide, today))


def commit(root: Path, decide: Decide, today: date) -> Carried:
    """Write a change into the work tree and commit it; raises CommandError where layers are not committed."""
    _check_committed(root)
    author = author_of(root)
    written = write_change(root, decide, today)
    if not written.paths:
        return Carried(written)
    return Carried(written, commit_paths(root, written.paths, message(written.change), author))


def push(root: Path, decide: Decide, destination: Destination, today: date) -> Carried:
    """Commit a change at the head of the remote's branch and push it; the work tree stays as it is."""
    published = publish(root, decide, destination, author_of(root), today)
    return Carried(published.written, published.commit, published.branch, published.attempts)


def author_of(root: Path) -> Author | None:
    """Read the author of commits from the layers; None where Git's own configuration says it."""
    said = {environment.commits.author for environment in load(root).environments.values()} - {None}
    if len(said) > 1:
        message = f"environments name different authors of commits: {', '.join(sorted(map(str, said)))}"
        raise CommandError(f"{message}; name one, in a layer that all of them extend", Exit.BAD_INPUT)
    for author in said:
        name, _, address = str(author).partition(" <")
        return Author(name, address.removesuffix(">"))
    return None


def _check_committed(root: Path) -> None:
    listed = run(root, "status", "--porcelain", "--", FOLDER, RENDERED).decode(errors="replace").splitlines()
    if listed:
        message = f"{len(listed)} files below {FOLDER}/ and {RENDERED}/ have changes that are not committed"
        advice = "commit them first, or use --push, which works apart from this work tree"
        raise CommandError(f"{message}; {advice}", Exit.REFUSED)
