"""A commit and an environment in, the facts about both from Git out, and what forbids the deployment in any case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from components.objects.rendered import app_folder, environment_folder
from envs.checkout.commits import Commits
from envs.config.model.environment import Environment
from envs.deployments.readiness import Candidate, Predecessor, State, Verdict
from envs.errors import CommandError, Exit


@dataclass(frozen=True, slots=True)
class Proposal:
    """A commit that somebody wants to deploy."""

    commits: Commits
    commit: str

    def candidate(self, environment: Environment) -> Candidate:
        """Read what a decision needs. Raises CommandError if nothing is rendered for the environment."""
        promotes = environment.promotes
        before = None
        if promotes is not None:
            before = Predecessor(promotes.from_, promotes.soak, self._tree(promotes.from_))
        tree = self.tree(environment.name)
        return Candidate(environment.name, self.commit, tree, before, self.commits.contains)

    def earlier(self, commit: str, environment: Environment) -> Candidate | None:
        """Read the same of an earlier commit; None if it may not go, is unknown, or has nothing of the environment."""
        if not self.commits.contains(self.commit, commit):
            return None
        proposal = Proposal(self.commits, commit)
        if proposal.refusal(environment) or proposal._tree(environment.name) is None:
            return None
        return proposal.candidate(environment)

    def tree(self, environment: str) -> str:
        """Return the rendered tree of an environment. Raises CommandError if the commit has none."""
        found = self._tree(environment)
        if found is None:
            message = f"the commit {self.commit[:12]} has no folder {environment_folder(environment)}"
            raise CommandError(f"{message}; run `envs render` and commit the result", Exit.BAD_INPUT)
        return found

    def refusal(self, environment: Environment) -> Verdict | None:
        """Say why the commit may not go to the environment even if a person asks for it, or None.

        Only what was merged is deployed, and pulled apps never go back: the ref that their job follows only moves
        forward along the main branch.
        """
        name = environment.name
        if not self.commits.contains(self.commits.main(), self.commit):
            return Verdict(
                name,
                State.REFUSED,
                "the commit is not on the main branch; merge it first",
                commit=self.commit,
            )
        behind = [*self._behind(environment)]
        if behind:
            ref = f"env/{name}"
            reason = f"{ref} is newer and only moves forward, and {', '.join(behind)} would have to go back"
            return Verdict(
                name,
                State.REFUSED,
                f"{reason}; revert the change on the main branch instead",
                commit=self.commit,
            )
        return None

    def _behind(self, environment: Environment) -> Iterator[str]:
        """Name the pulled apps of this repository that the job could not bring to the commit."""
        followed = self.commits.find(f"origin/env/{environment.name}")
        if followed is None or self.commits.contains(self.commit, followed):
            return
        for name, app in environment.pulled().items():
            folder = app_folder(environment.name, name)
            if app.source is None and self._differ(followed, folder):
                yield name

    def _differ(self, followed: str, folder: str) -> bool:
        return self.commits.tree(followed, folder) != self.commits.tree(self.commit, folder)

    def _tree(self, environment: str) -> str | None:
        return self.commits.tree(self.commit, environment_folder(environment))
