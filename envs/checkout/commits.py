"""Commits of the checkout: their full ids, their order in history, and the trees of folders in them."""

from __future__ import annotations

from dataclasses import dataclass

from envs.checkout.repository import MAIN_BRANCHES, Repository
from envs.errors import CommandError, Exit
from kube.yaml.faults import printable

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Commits:
    """The commits that a clone has."""

    repository: Repository

    def resolve(self, name: str) -> str:
        """Return the full id of a commit. Raises CommandError if this clone does not know it."""
        found = self.find(name)
        if found is None:
            shown = printable(name, _LONGEST_NAME)
            raise CommandError(f'Git does not know the commit "{shown}"; fetch it', Exit.BAD_INPUT)
        return found

    def find(self, name: str) -> str | None:
        """Return the full id of a commit, or None if this clone does not know it."""
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        finished = self.repository.git(*words)
        return finished.output.decode().strip() if finished.code == 0 else None

    def tree(self, commit: str, folder: str) -> str | None:
        """Return the id of the tree of a folder of the root, or None if the commit does not have it."""
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}:./{folder}")
        finished = self.repository.git(*words)
        return finished.output.decode().strip() if finished.code == 0 else None

    def contains(self, commit: str, other: str) -> bool:
        """Whether `other` is this commit or one of its ancestors; False if this clone does not know one of them."""
        return self.repository.git("merge-base", "--is-ancestor", other, commit).code == 0

    def author(self, commit: str) -> str:
        """Return the name of the author of a commit."""
        finished = self.repository.git("show", "--no-patch", "--no-show-signature", "--format=%an", commit)
        return printable(finished.output.decode(errors="replace").strip(), _LONGEST_NAME)

    def main(self) -> str:
        """Return the newest commit of the main branch. Raises CommandError if there is no such branch."""
        for branch in MAIN_BRANCHES:
            if found := self.find(branch):
                return found
        raise CommandError(f"there is no main branch; looked for {', '.join(MAIN_BRANCHES)}", Exit.BAD_INPUT)
