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
    """The ResourceQuota of an app: what all its pods may use together."""

    cpu: Quantity = "2"
    """Requested CPU (requests.cpu)."""
    memory: Quantity = "4Gi"
    """Requested memory, and memory limits (requests.memory, limits.memory)."""
    pods: Count = 20
    """Number of pods."""
    storage: Quantity = "10Gi"
    """Requested storage (requests.storage)."""


class Limits(Model):
    """The LimitRange of an app: defaults and upper bounds of each container."""

    cpu: Quantity = "100m"
    """Requested CPU of a container that sets none (defaultRequest.cpu)."""
    memory: Quantity = "128Mi"
    """Requested memory and limit of a container that sets none (defaultRequest.memory, default.memory)."""
    max_cpu: Quantity | None = None
    """Largest CPU limit of a container (max.cpu)."""
    max_memory: Quantity | None = None
    """Largest memory limit of a container (max.memory)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, usual, most in (("cpu", self.cpu, self.max_cpu), ("memory", self.memory, self.max_memory)):
            if most is not None and number(usual) > number(most):
                raise ValueError(f"{name} {usual} is more than max{name.capitalize()} {most}; lower it too")
        return self


class Source(Model):
    """A separate repository that the GitOps job pulls an app from."""

    repo: Repository
    """URL of the repository."""
    path: RelativePath = "."
    """Folder in the repository."""
    revision: Revision = "main"
    """Branch, tag, ref or commit."""
    credentials: Credentials | None = None
    """Credentials of the repository."""
    kinds: OneOrMany[KindName] = _EXTERNAL_KINDS
    """Kinds that it may contain, with their group: apps/Deployment."""
    recurse: Boolean = True
    """Also read the folders below `path`."""
    include: OneOrMany[Glob] = ()
    """Files to read, as patterns below `path`; default: all that end in .yaml, .yml or .json."""
    exclude: OneOrMany[Glob] = ()
    """Files to ignore, as patterns below `path`."""
    allowed_signers: OneOrMany[Signer] = ()
    """Keys, one of which must have signed each commit or its tag: lines of an allowed signers file, OpenPGP keys.

    A line `@revoked ssh-ed25519 AAAA…` refuses a key.
    """


class App(Model):
    """One product in an environment; it gets the namespace <app>-<environment>."""

    team: Label | None = None
    """The responsible team."""
    delivery: Word[Literal["push", "pull"]] = "push"
    """push: Pulumi applies the workloads. pull: the GitOps job does. Pulumi always applies the fence."""
    isolation: Word[Literal["strict", "namespace"]] = "strict"
    """strict: only declared flows. namespace: pods of the namespace may also connect to each other."""
    pod_security: Word[Literal["restricted", "baseline", "privileged"]] = "restricted"
    """Pod Security Standard of the namespace (label pod-security.kubernetes.io/enforce)."""
    quota: OrNone[Quota] = Quota()
    """What all pods may use together, by a ResourceQuota."""
    limits: OrNone[Limits] = Limits()
    """Defaults and upper bounds of each container, by a LimitRange."""
    pull_secrets: OneOrMany[Subdomain] = ()
    """Existing Secrets of the namespace with credentials of image registries (imagePullSecrets)."""
    source: Source | None = None
    """A separate repository with the app's objects; the app then has no workloads here."""
    gitops: AppSync = AppSync()
    """How the GitOps job syncs the app."""
    flows: dict[Label, Flow] = Field(default_factory=dict)
    """Allowed connections, by a name of your choice."""
    workloads: dict[Label, AnyWorkload] = Field(default_factory=dict)
    """What runs, by name."""
    manifests: dict[Label, Verbatim] = Field(default_factory=dict)
    """Further objects, verbatim, by a name of your choice; the policies judge them like all others."""
