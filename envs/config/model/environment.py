"""Models of an environment and its apps: what the merged layers must look like."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from envs.config.model.cluster import Cluster, Peer
from envs.config.model.container import Resources
from envs.config.model.fields import (
    Boolean,
    Cidr,
    Count,
    Cron,
    Duration,
    Group,
    ImageReference,
    ImageRepository,
    KindName,
    Label,
    Line,
    PortNumber,
    Positive,
    Quantity,
    RelativePath,
    Repository,
    Revision,
    Subdomain,
    Word,
)
from envs.config.model.flow import Flow
from envs.config.model.policies import Policies
from envs.config.model.typed import Model, OneOrMany, OrNone, Short, Verbatim
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


class Groups(Model):
    """Groups of the identity provider, by what they may do in the namespaces of a team's apps."""

    view: OneOrMany[Group] = ()
    """Read everything but Secrets, logs included."""
    operate: OneOrMany[Group] = ()
    """View, and restart pods by deleting them; what runs stays what Git says."""
    deploy: OneOrMany[Group] = ()
    """Operate, and restart, scale and patch workloads and run jobs."""
    admin: OneOrMany[Group] = ()
    """Deploy, and change workloads; never the fence."""


class Team(Model):
    """Who looks after apps."""

    groups: Groups = Groups()
    """Groups of the identity provider."""


class Versions(Model):
    """The shape of the versions of one repository, where it is not a full semantic version."""

    tags: Word[Literal["minor", "build", "date"]]
    """minor: 16.4; build: 4711 or v5; date: 2026-11-20."""
    because: Line
    """Why such a tag names one thing for ever."""


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


class Credentials(Model):
    """A Secret in the namespace of the GitOps job that opens one repository."""

    secret: Subdomain
    """Its name."""
    kind: Word[Literal["token", "basic", "ssh"]] = "token"
    """Its keys. token: token. basic: username, password. ssh: ssh-privatekey, known_hosts."""
    private_authority: Boolean = False
    """The Secret also holds ca.crt, the certificate authority of a Git server that the world does not know."""


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
    flows: dict[Label, Flow] = Field(default_factory=dict)
    """Allowed connections, by a name of your choice."""
    workloads: dict[Label, AnyWorkload] = Field(default_factory=dict)
    """What runs, by name."""
    manifests: dict[Label, Verbatim] = Field(default_factory=dict)
    """Further objects as they are, by a name of your choice; the policies judge them like all others."""


class GitServer(Short):
    """Where the Git server is, for the job's NetworkPolicy; as a single value, its addresses."""

    short: ClassVar[str] = "addresses"
    addresses: OneOrMany[Cidr] = ("0.0.0.0/0",)
    """Its addresses."""
    port: PortNumber | None = None
    """Its port; by default those of the repositories: what the address says, 22 for ssh, else 443."""
    pods: Peer | None = None
    """The pods of a server within the cluster, instead of addresses."""


class GitOps(Model):
    """The job that pulls the apps of this environment with `delivery: pull`."""

    image: ImageReference
    """Image of the job."""
    repo: Repository
    """Address of this repository, as the cluster reaches it."""
    revision: Revision | None = None
    """What the pulled apps follow; by default the ref env/<environment>, which the deploy workflow advances."""
    schedule: Cron = "*/5 * * * *"
    """When it runs."""
    suspend: Boolean = False
    """Start nothing."""
    deadline: Positive = 240
    """Seconds until a run is stopped."""
    prune: Boolean = True
    """Delete what left Git."""
    git: GitServer = GitServer()
    """Where the Git server is."""
    credentials: Credentials | None = None
    """What opens this repository."""
    resources: Resources = Resources(cpu="100m", memory="256Mi")
    """What the job asks for and may use."""


class Promotes(Model):
    """Where releases come from."""

    from_: Label = Field(alias="from")
    """The environment before this one."""
    after: Duration | None = None
    """How long a release must have run there."""


class Environment(Model):
    """One deployable copy of everything."""

    name: Label
    """Name of its file and of its Pulumi stack; not written in it."""
    tier: Word[Literal["test", "production"]]
    """How strict the policies are."""
    cluster: Cluster = Cluster()
    """Where it lives."""
    promotes: Promotes | None = None
    """Where releases come from; nothing for the first environment."""
    policies: Policies = Policies()
    """What the policies must know beside the objects."""
    images: dict[ImageRepository, Versions] = Field(default_factory=dict)
    """Shapes of versions, by image repository."""
    teams: dict[Label, Team] = Field(default_factory=dict)
    """Who looks after apps."""
    apps: dict[Label, App] = Field(default_factory=dict)
    """What runs here."""
    gitops: OrNone[GitOps] = None
    """The job for apps with `delivery: pull`."""

    def namespace(self, app: str) -> str:
        """Namespace of one app."""
        return f"{app}-{self.name}"

    def pulled(self) -> dict[str, App]:
        """Apps that the GitOps job delivers."""
        return {name: app for name, app in self.apps.items() if app.delivery == "pull"}
