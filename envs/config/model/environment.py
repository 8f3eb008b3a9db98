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
    """Groups of the identity provider, by their role in the namespaces of a team's apps."""

    view: OneOrMany[Group] = ()
    """May read everything except Secrets, logs included."""
    deploy: OneOrMany[Group] = ()
    """May also restart, scale and run jobs."""
    admin: OneOrMany[Group] = ()
    """May also change workloads, never the fence."""


class Team(Model):
    """A team that is responsible for apps."""

    groups: Groups = Groups()
    """Groups of the identity provider."""


class Versions(Model):
    """The shape of the versions of one repository, where it is not a full semantic version."""

    tags: Word[Literal["minor", "build", "date"]]
    """minor: 16.4; build: 4711 or v5; date: 2026-11-20."""
    because: Line
    """Why such a tag always names the same image."""


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


class Credentials(Model):
    """A Secret in the namespace of the GitOps job with the credentials of one repository."""

    secret: Subdomain
    """Name of the Secret (secretName)."""
    kind: Word[Literal["token", "basic", "ssh"]] = "token"
    """Its keys. token: token. basic: username, password. ssh: ssh-privatekey, known_hosts."""
    private_authority: Boolean = False
    """The Secret also holds ca.crt, the private certificate authority of the Git server."""


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
    flows: dict[Label, Flow] = Field(default_factory=dict)
    """Allowed connections, by a name of your choice."""
    workloads: dict[Label, AnyWorkload] = Field(default_factory=dict)
    """What runs, by name."""
    manifests: dict[Label, Verbatim] = Field(default_factory=dict)
    """Further objects, verbatim, by a name of your choice; the policies judge them like all others."""


class GitServer(Short):
    """Location of the Git server, for the job's NetworkPolicy; as a single value, its addresses."""

    short: ClassVar[str] = "addresses"
    addresses: OneOrMany[Cidr] = ("0.0.0.0/0",)
    """Its addresses (cidr)."""
    port: PortNumber | None = None
    """Its port; default: those in the URLs of the repositories, else 22 for ssh and 443 for https."""
    pods: Peer | None = None
    """The pods of a server inside the cluster, instead of addresses."""


class GitOps(Model):
    """The job that pulls the apps of this environment with `delivery: pull`."""

    image: ImageReference
    """Image of the job."""
    repo: Repository
    """URL of this repository, as seen from the cluster."""
    revision: Revision | None = None
    """Ref that pulled apps follow; default: env/<environment>, which the deploy workflow advances."""
    schedule: Cron = "*/5 * * * *"
    """Cron schedule of the runs."""
    suspend: Boolean = False
    """Pause the schedule."""
    deadline: Positive = 240
    """Seconds after which a run is stopped (activeDeadlineSeconds)."""
    prune: Boolean = True
    """Delete objects that are no longer in Git."""
    git: GitServer = GitServer()
    """Location of the Git server."""
    credentials: Credentials | None = None
    """Credentials of this repository."""
    resources: Resources = Resources(cpu="100m", memory="256Mi")
    """Requests and limits of the job."""


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
    """The cluster that it is in."""
    promotes: Promotes | None = None
    """Where releases come from; nothing for the first environment."""
    policies: Policies = Policies()
    """Settings of the policies."""
    images: dict[ImageRepository, Versions] = Field(default_factory=dict)
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

    def pulled(self) -> dict[str, App]:
        """Apps that the GitOps job applies."""
        return {name: app for name, app in self.apps.items() if app.delivery == "pull"}
