"""Models of an environment: what the merged layers must look like."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cached_property
from typing import Literal

from pydantic import Field

from envs.config.model.app import App
from envs.config.model.cluster import Cluster
from envs.config.model.fields import (
    Duration,
    ImageRepository,
    KindName,
    Label,
    Line,
    RegistryHost,
    RegistryName,
    Word,
)
from envs.config.model.flow import Flow
from envs.config.model.git_fields import Author, CommitSubject, CompareAddress
from envs.config.model.gitops import GitOps
from envs.config.model.policies import Policies
from envs.config.model.team import Team
from envs.config.model.typed import Model, OrNone


class DeclaredVersions(Model):
    """The shape of the versions of one repository, where it is not a full semantic version."""

    tags: Word[Literal["minor", "build", "date"]]
    """minor: 16.4; build: 4711 or v5; date: 2026-11-20."""
    because: Line
    """Why such a tag always names the same image."""


class Promotes(Model):
    """Where releases come from."""

    from_: Label = Field(alias="from")
    """The environment before this one."""
    after: Duration = "0m"
    """How long the environment before this one must have run a commit before it may come here (`envs ready`)."""

    @property
    def soak(self) -> timedelta:
        """`after` as a span of time."""
        parts = {unit: int(number) for number, unit in re.findall("([0-9]+)([dhm])", self.after)}
        return timedelta(days=parts.get("d", 0), hours=parts.get("h", 0), minutes=parts.get("m", 0))


class Commits(Model):
    """How commands that write releases commit them."""

    message: CommitSubject = "{environment}: {app}/{workload} {version}"
    """First line of the message. Fields: environment, app, workload, version, image, build, source."""
    author: Author | None = None
    """Author and committer, as Name <address>; default: those of Git's own configuration."""


class Expected(Model):
    """Objects that somebody else makes in the namespaces of the environment."""

    kind: KindName
    """Kind of the objects, with its group: apps/Deployment."""
    name: Line = "*"
    """Name of the objects; * matches any text."""
    because: Line
    """Who makes them, and why that is right."""


class Environment(Model):
    """One deployable copy of everything."""

    name: Label
    """Name of its file and of its Pulumi stack; not written in it."""
    tier: Word[Literal["test", "production"]]
    """How strict the policies are."""
    cluster: Cluster = Cluster()
    """The cluster that it is in."""
    promotes: Promotes | None = None
    """Where releases come from; nothing for the first environment."""
    policies: Policies = Policies()
    """Settings of the policies."""
    commits: Commits = Commits()
    """How commands that write releases commit them."""
    images: dict[ImageRepository, DeclaredVersions] = Field(default_factory=dict)
    """Shapes of version tags, by image repository."""
    mirrors: dict[RegistryHost, RegistryName] = Field(default_factory=dict)
    """Registries that are asked instead of those of the images, with the start of their repositories, if any."""
    sources: dict[ImageRepository, CompareAddress] = Field(default_factory=dict)
    """Where two commits of the source of an image are compared on the web, by image repository."""
    teams: dict[Label, Team] = Field(default_factory=dict)
    """Teams that are responsible for apps."""
    apps: dict[Label, App] = Field(default_factory=dict)
    """Apps of the environment."""
    foreign: dict[Label, Expected] = Field(default_factory=dict)
    """Objects that are not in Git and not reported as foreign, by a name of your choice."""
    gitops: OrNone[GitOps] = None
    """The job for apps with `delivery: pull`."""

    def namespace(self, app: str) -> str:
        """Namespace of one app."""
        model = self.apps.get(app)
        return (model.namespace.name if model else None) or f"{app}-{self.name}"

    def existing_namespaces(self) -> dict[str, dict[str, str]]:
        """Namespaces of apps that somebody else has made, with the labels that they have."""
        return {
            self.namespace(name): dict(app.namespace.labels)
            for name, app in self.apps.items()
            if not app.namespace.create
        }

    @cached_property
    def flows_by_app(self) -> dict[str, list[tuple[str, str, Flow]]]:
        """Flows that may touch each app, with the app that declares them and their name."""
        found: dict[str, list[tuple[str, str, Flow]]] = {}
        for declared_by, app in self.apps.items():
            for name, flow in app.flows.items():
                for touched in {endpoint.app or declared_by: None for endpoint in (flow.from_, flow.to)}:
                    found.setdefault(touched, []).append((declared_by, name, flow))
        return found

    def pulled(self) -> dict[str, App]:
        """Apps that the GitOps job applies."""
        return {name: app for name, app in self.apps.items() if app.delivery == "pull"}
