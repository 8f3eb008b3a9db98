"""Models of an app: what it may use, where it comes from, and what runs in it."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from envs.config.model.fields import (
    Boolean,
    Count,
    KindName,
    Label,
    LabelKey,
    LabelValue,
    Quantity,
    RelativePath,
    String,
    Subdomain,
    Word,
)
from envs.config.model.flow import Flow
from envs.config.model.git_fields import Glob, Repository, Revision, Signer
from envs.config.model.gitops import Credentials
from envs.config.model.release import Hold
from envs.config.model.resources import Limits
from envs.config.model.sync import AppSync
from envs.config.model.typed import Model, OneOrMany, OrNone, Own, Short, Verbatim
from envs.config.model.workload import AnyWorkload

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
    devices: dict[LabelKey, Count] = Field(default_factory=dict)
    """Devices, by the name of their resource: nvidia.com/gpu (requests); default: no bound."""
    load_balancers: Count | None = None
    """Services of type LoadBalancer (services.loadbalancers); default: as many as are declared here."""
    node_ports: Count | None = None
    """Ports of nodes (services.nodeports); default: as many as the Services that are declared here need."""


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


class Namespace(Short):
    """The namespace of an app; as a single value, its name."""

    short: ClassVar[str] = "name"
    name: Label | None = None
    """Its name; default: <app>-<environment>."""
    create: Boolean = True
    """Whether it is made here; if not, somebody else has made it, and the rest of the fence goes into it."""
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Further labels (labels); of one that is not made here, those that it has, for the policies."""
    annotations: dict[LabelKey, String] = Field(default_factory=dict)
    """Further annotations (annotations)."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.create and self.name is None:
            raise ValueError("`create: false` needs the `name` of the namespace that exists")
        if not self.create and self.annotations:
            raise ValueError("annotations are for a namespace that is made here; delete them")
        return self


class App(Model):
    """One product in an environment; it gets the namespace <app>-<environment>."""

    namespace: Namespace = Namespace()
    """Its namespace, where that is another one than <app>-<environment>, or has labels of its own."""
    team: Label | None = None
    """The responsible team."""
    scope: Word[Literal["namespace", "cluster"]] = "namespace"
    """cluster: its `manifests` may be cluster-scoped, where `policies.clusterApps` names the app."""
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
    hold: Hold | None = None
    """Stops automation from changing the releases of the app; a file of its own, releases/<environment>/<app>.yaml."""
    components: dict[Label, Own] = Field(default_factory=dict)
    """Components of the root's own, by name; `kind` is a file below environments/components/."""
    manifests: dict[Label, Verbatim] = Field(default_factory=dict)
    """Further objects, verbatim, by a name of your choice; the policies judge them like all others."""

    @property
    def pods(self) -> list[str]:
        """Names of what runs pods here: workloads and components."""
        return [*self.workloads, *self.components]
