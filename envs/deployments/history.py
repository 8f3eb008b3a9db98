"""Answers from the record of deployments: what runs in an environment, since when, and what ran before.

history = read_history(Repository(root))
running = history.running("qa")                 # Running, or None
since = history.ran_tree_since("qa", tree)      # a time, or None if qa does not run this tree now
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from envs.deployments.record import Deployment, Result


@dataclass(frozen=True, slots=True)
class Running:
    """What runs in an environment."""

    deployment: Deployment
    """The newest deployment that began; if it failed, what runs is partly the commit before."""
    since: datetime
    """Since when this rendered tree runs without a break, or when the deployment failed."""

    @property
    def failed(self) -> bool:
        """Whether the deployment did not end well."""
        return self.deployment.result is Result.FAILED


class History:
    """All recorded deployments of a root, oldest first."""

    def __init__(self, deployments: Iterable[Deployment] = (), faults: Iterable[str] = ()) -> None:
        self._deployments = sorted(deployments, key=lambda each: each.at)
        self.faults = tuple(faults)
        """Lines that are not records: what and where, for people. Nothing was concluded from them."""

    def of(self, environment: str) -> tuple[Deployment, ...]:
        """List the deployments of an environment, oldest first, including those that failed or were rejected."""
        return tuple(each for each in self._deployments if each.environment == environment)

    def newest(self, environment: str) -> Deployment | None:
        """Return the newest deployment of an environment, whatever its result."""
        return next(reversed(self.of(environment)), None)

    def running(self, environment: str) -> Running | None:
        """Tell what runs in an environment; None if no deployment of it is recorded."""
        begun = self._begun(environment)
        if not begun:
            return None
        newest = begun[-1]
        since = self.ran_tree_since(environment, newest.tree) or newest.at
        return Running(newest, since)

    def ran_tree_since(self, environment: str, tree: str) -> datetime | None:
        """Since when an environment runs this rendered tree without a break; None if it does not run it now."""
        return self.ran_since(environment, lambda each: each.tree == tree)

    def ran_since(self, environment: str, includes: Callable[[Deployment], bool]) -> datetime | None:
        """Since when an environment runs, without a break, what `includes` accepts; None if it does not now.

        A deployment that failed, or that `includes` does not accept, is a break. One that was rejected is not:
        what ran before ran on.
        """
        since = None
        for each in reversed(self._begun(environment)):
            if each.result is not Result.SUCCEEDED or not includes(each):
                break
            since = each.at
        return since

    def _begun(self, environment: str) -> list[Deployment]:
        return [each for each in self.of(environment) if each.result is not Result.REJECTED]
