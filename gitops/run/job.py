"""The parts of one run, and the commits that its applications follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gitops.cluster.api import Connection
from gitops.cluster.inventory import FORMAT
from gitops.cluster.records import Store
from gitops.errors import SourceError
from gitops.objects import digest
from gitops.settings import Application, RepositoryCredentials, Settings
from gitops.source.git import Git

Commits = dict[str, str | SourceError]
"""Commits by revision, or the reason why there is none."""


@dataclass(frozen=True)
class Run:
    """Everything that a run works with."""

    settings: Settings
    cluster: Connection
    store: Store
    folder: Path  # for Git's object stores
    name: str  # of the holder of the lease
    clock: Callable[[], datetime]
    dry: bool = False

    def git(self, url: str) -> Git:
        """Return the object store of a repository."""
        credentials = self.settings.repositories.get(url, RepositoryCredentials())
        return Git(self.folder / digest(url), url, credentials, self.settings.limits.seconds)

    def owner(self, application: str) -> str:
        """Return the value of the label that marks the objects of an application."""
        return f"{self.settings.environment}.{application}"

    def concerns(self, application: Application) -> str:
        """Digest the settings that affect an application."""
        rules = self.settings.projects[application.project]
        policies, today = self.settings.policies, self.clock().date()
        expired = [
            exemption.until.isoformat() for exemption in policies.exemptions if exemption.until < today
        ]
        parts = [
            part.model_dump(mode="json") for part in (application, rules, policies, self.settings.limits)
        ]
        return digest([FORMAT, self.settings.environment, self.settings.tier, expired, *parts])


def commit_of(application: Application, commits: Mapping[str, Commits]) -> str:
    """Return the commit that an application follows; raises SourceError."""
    found = commits[application.source.repository][application.source.revision]
    if isinstance(found, SourceError):
        raise found
    return found
