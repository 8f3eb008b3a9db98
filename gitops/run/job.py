"""What one run works with, and what it knows of the world once it has looked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gitops.cluster.api import Connection
from gitops.cluster.inventory import FORMAT, Inventory
from gitops.cluster.records import Memory, Store
from gitops.cluster.snapshots import Snapshots
from gitops.errors import HaltedError, SourceError
from gitops.objects import digest
from gitops.reading.reader import Reader
from gitops.report.notice import News
from gitops.run.stop import Stop
from gitops.settings import Application, RepositoryCredentials, Settings
from gitops.source.budget import Budget
from gitops.source.git import Git
from policies.context import to_wire

Commits = dict[str, str | SourceError]
"""Commits by revision, or the reason why there is none."""


def _never() -> None:
    """Say nothing against going on."""


@dataclass(frozen=True)
class Run:
    """Everything that a run works with."""

    settings: Settings
    cluster: Connection
    store: Store
    folder: Path  # for Git's object stores
    name: str  # of the holder of the lease
    clock: Callable[[], datetime]
    reader: Reader
    dry: bool = False
    stop: Stop = field(default_factory=Stop)
    halted: Callable[[], HaltedError | None] = _never  # why this run may not go on
    budgets: dict[str, Budget] = field(default_factory=dict)  # by repository
    news: list[News] = field(default_factory=list)  # what is told to a webhook
    notes: list[str] = field(default_factory=list)  # what failed and concerns no application
    successes: dict[str, str] = field(
        default_factory=dict
    )  # when each application was last synced without a fault, RFC 3339

    def git(self, url: str) -> Git:
        """Return the object store of a repository."""
        credentials = self.settings.repositories.get(url, RepositoryCredentials())
        limits = self.settings.limits
        budget = self.budgets.setdefault(url, Budget(limits.seconds))
        return Git(self.folder / digest(url), url, credentials, limits.seconds, budget, limits.download)

    @property
    def snapshots(self) -> Snapshots:
        """What was fetched last, kept beside the records of the job."""
        return Snapshots(self.store.cluster, self.store.namespace)

    def owner(self, application: str) -> str:
        """Return the value of the label that marks the objects of an application."""
        return f"{self.settings.environment}.{application}"

    def concerns(self, application: Application) -> str:
        """Digest the settings that affect an application."""
        rules = self.settings.projects[application.project]
        policies, today = self.settings.policies, self.clock().date()
        expired = [
            exemption.until.isoformat()
            for exemption in policies.exemptions.values()
            if exemption.until < today
        ]
        parts = [part.model_dump(mode="json") for part in (application, rules, self.settings.limits)]
        # "kept": runs before it kept no snapshot, and the next one examines everything once.
        return digest([FORMAT, "kept", self.settings.environment, expired, to_wire(policies), *parts])


@dataclass(frozen=True)
class State:
    """A run under way: its own records of earlier runs, and the commits that the remotes have now."""

    run: Run
    memory: Memory
    commits: Mapping[str, Commits]  # by repository

    def commit_of(self, application: Application) -> str:
        """Return the commit that an application follows; raises SourceError."""
        found = self.commits[application.source.repository][application.source.revision]
        if isinstance(found, SourceError):
            raise found
        return found

    @property
    def retired(self) -> list[str]:
        """Name the applications that left the settings, also those whose inventory is damaged."""
        recorded = self.memory.inventories.keys() | self.memory.damaged.keys()
        return sorted(recorded - self.run.settings.applications.keys())

    def save(self, inventory: Inventory) -> None:
        """Write an inventory, and remember it."""
        self.run.store.save(self.memory, inventory)
