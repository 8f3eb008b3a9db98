"""Models of an environment: what the merged layers must look like."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field

from envs.config.model.app import App
from envs.config.model.cluster import Cluster
from envs.config.model.fields import ImageRepository, Label, Line, Word
from envs.config.model.flow import Flow
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
    images: dict[ImageRepository, DeclaredVersions] = Field(default_factory=dict)
    """Shapes of version tags, by image repository."""
    teams: dict[Label, Team] = Field(default_factory=dict)
    """Teams that are responsible for apps."""
    apps: dict[Label, App] = Field(default_factory=dict)
    """Apps of the environment."""
    gitops: OrNone[GitOps] = None
    """The job for apps with `delivery: pull`."""

    def namespace(self, app: str) -> str:
        """Namespace of one app."""
        return f"{app}-{self.name}"

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
