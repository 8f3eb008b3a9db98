"""Models of an app: what it may use, where it comes from, and what runs in it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from envs.config.model.fields import (
    Boolean,
    Count,
    Glob,
    KindName,
    Label,
    Quantity,
    RelativePath,
    Repository,
    Revision,
    Signer,
    Subdomain,
    Word,
)
from envs.config.model.flow import Flow
from envs.config.model.gitops import Credentials
from envs.config.model.sync import AppSync
from envs.config.model.typed import Model, OneOrMany, OrNone, Verbatim
from envs.config.model.workload import AnyWorkload
from kube.quantity import number

_EXTERNAL_KINDS = (
    "ConfigMap",
    "Service",
    "apps/Deployment",
    "batch/CronJob",
    "batch/Job",
    "networking.k8s.io/Ingress",
)


class Quota(Model):
    """What all pods of an app may use together."""

    cpu: Quantity = "2"
    """Requested CPU."""
    memory: Quantity = "4Gi"
    """Requested memory, and memory limits."""
    pods: Count = 20
    """Number of pods."""
    storage: Quantity = "10Gi"
    """Requested storage."""


class Limits(Model):
    """What a container gets that does not say it, and the most it may say."""

    cpu: Quantity = "100m"
    """Requested CPU of a container that does not say it."""
    memory: Quantity = "128Mi"
    """Memory of a container that does not say it."""
    max_cpu: Quantity | None = None
    """Most CPU of one container."""
    max_memory: Quantity | None = None
    """Most memory of one container."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, usual, most in (("cpu", self.cpu, self.max_cpu), ("memory", self.memory, self.max_memory)):
            if most is not None and number(usual) > number(most):
                raise ValueError(f"{name} {usual} is more than max{name.capitalize()} {most}; lower it too")
        return self


class Source(Model):
    """A repository of its own that the GitOps job pulls an app from."""

    repo: Repository
    """Address of the repository."""
    path: RelativePath = "."
    """Folder in it."""
    revision: Revision = "main"
    """Branch, tag, ref or commit."""
    credentials: Credentials | None = None
    """What opens the repository."""
    kinds: OneOrMany[KindName] = _EXTERNAL_KINDS
    """Kinds that it may hold, with their group: apps/Deployment."""
    recurse: Boolean = True
    """Read the folders below `path` too."""
    include: OneOrMany[Glob] = ()
    """Files that are read, as patterns below `path`; by default all that end in .yaml, .yml and .json."""
    exclude: OneOrMany[Glob] = ()
    """Files that are not read, as patterns below `path`."""
    allowed_signers: OneOrMany[Signer] = ()
    """Lines of an allowed signers file; given, every commit must carry the SSH signature of one of them."""


class App(Model):
    """One product in an environment; it gets the namespace <app>-<environment>."""

    team: Label | None = None
    """Who looks after it."""
    delivery: Word[Literal["push", "pull"]] = "push"
    """push: Pulumi applies the workloads. pull: the GitOps job does. Pulumi always applies the fence."""
    isolation: Word[Literal["strict", "namespace"]] = "strict"
    """strict: only declared flows. namespace: pods of the namespace may talk to each other too."""
    pod_security: Word[Literal["restricted", "baseline", "privileged"]] = "restricted"
    """Pod Security Standard that the namespace enforces."""
    quota: OrNone[Quota] = Quota()
    """What all pods may use together."""
    limits: OrNone[Limits] = Limits()
    """What a container gets that does not say it."""
    pull_secrets: OneOrMany[Subdomain] = ()
    """Existing Secrets of the namespace that open image registries."""
    source: Source | None = None
    """A repository of its own; the app then has no workloads here."""
    gitops: AppSync = AppSync()
    """How the GitOps job syncs the app."""
    flows: dict[Label, Flow] = Field(default_factory=dict)
    """Allowed connections, by a name of your choice."""
    workloads: dict[Label, AnyWorkload] = Field(default_factory=dict)
    """What runs, by name."""
    manifests: dict[Label, Verbatim] = Field(default_factory=dict)
    """Further objects as they are, by a name of your choice; the policies judge them like all others."""
