"""Models of workloads: what runs, with how many replicas, where, when, and what belongs to it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from envs.config.model.account import Account
from envs.config.model.container import (
    MAIN,
    Container,
    Port,
    PreStop,
    Probes,
    Security,
)
from envs.config.model.exposure import Host, Service
from envs.config.model.fields import (
    AbsolutePath,
    Boolean,
    Count,
    Cron,
    HostName,
    ImageReference,
    Label,
    LabelKey,
    LabelValue,
    Moment,
    PatchKey,
    PortName,
    Positive,
    RelativePath,
    String,
    Subdomain,
    TimeZone,
    UrlPath,
    VariableName,
    Word,
)
from envs.config.model.placement import Placement
from envs.config.model.release import Release
from envs.config.model.resources import Resources
from envs.config.model.scaling import Autoscale, Budget, Rollout
from envs.config.model.secret import Secret
from envs.config.model.typed import Model, OrNone, Verbatim
from envs.config.model.updates import Updates
from envs.config.model.variable import EnvironmentSource, Variable
from envs.config.model.volume import ConfigFile, Storage, Volume


class Workload(Model):
    """One running thing of an app with what belongs to it."""

    usual: ClassVar[Resources | None] = None
    """What its image needs, where that is known."""

    kind: String
    """What runs it; each kind of workload has its own word."""
    image: ImageReference | None = None
    """Image of the main container where there is no release."""
    release: Release | None = None
    """The release; a file of its own, releases/<environment>/<app>/<workload>.yaml."""
    updates: Updates | None = None
    """Which newer tags of the image `envs images` finds in the registry; default: none."""
    pull_policy: Word[Literal["Always", "IfNotPresent", "Never"]] | None = None
    """When the node pulls the image (imagePullPolicy); default: IfNotPresent, or Always if its tag may move."""
    command: tuple[String, ...] = ()
    """Replaces the entry point of the image."""
    args: tuple[String, ...] = ()
    """Arguments of the entry point."""
    env: dict[VariableName, Variable] = Field(default_factory=dict)
    """Environment variables."""
    env_from: dict[Label, EnvironmentSource] = Field(default_factory=dict)
    """ConfigMaps and Secrets whose keys all become variables, by a name of your choice (envFrom)."""
    ports: dict[PortName, Port] = Field(default_factory=dict)
    """Ports it listens on, by name; they make its Service."""
    services: dict[Label, Service] = Field(default_factory=dict)
    """Further Services of its ports, by their names."""
    probes: OrNone[Probes] = Probes()
    """Probes by the kubelet; default: a TCP connection to the first port."""
    resources: Resources = Resources()
    """Requests and limits of the main container."""
    security: Security = Security()
    """Exceptions that the image needs (securityContext)."""
    init: dict[Label, Container] = Field(default_factory=dict)
    """Containers that finish before the main one starts, in this order, after the sidecars (initContainers)."""
    sidecars: dict[Label, Container] = Field(default_factory=dict)
    """Containers that start before the main one and end after it (initContainers with restartPolicy: Always)."""
    volumes: dict[Label, Volume] = Field(default_factory=dict)
    """Volumes of the main container."""
    claims: dict[Label, Storage] = Field(default_factory=dict)
    """Persistent volumes that all its pods share and that outlive them (PersistentVolumeClaim)."""
    config: dict[AbsolutePath, ConfigFile] = Field(default_factory=dict)
    """Files of the main container; a change restarts the pods."""
    secrets: dict[Label, Secret] = Field(default_factory=dict)
    """Secrets, by reference."""
    account: Account = Account()
    """The identity of its pods."""
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Further labels of its pods (labels)."""
    annotations: dict[LabelKey, String] = Field(default_factory=dict)
    """Further annotations of its pods (annotations)."""
    placement: Placement = Placement()
    """Nodes that its pods may run on, and how replicas are spread."""
    priority: Subdomain | None = None
    """Priority class of its pods (priorityClassName)."""
    pre_stop: PreStop | None = None
    """What happens before the main container is asked to end (lifecycle.preStop)."""
    grace: Positive = 30
    """Termination grace period in seconds (terminationGracePeriodSeconds)."""
    restarted_at: Moment | None = None
    """Changing this time restarts the pods."""
    patch: dict[PatchKey, Verbatim] = Field(default_factory=dict)
    """Strategic merge patches on rendered objects, by kind: lists are merged by the keys of Kubernetes."""

    @property
    def running_image(self) -> str | None:
        """Image of the release, else of the layer."""
        return self.release.image if self.release else self.image

    @property
    def last_restart(self) -> str | None:
        """When new pods were asked for last, by a layer or by the release."""
        moments = [self.restarted_at, self.release.restarted_at if self.release else None]
        return max((moment for moment in moments if moment), key=dt.datetime.fromisoformat, default=None)

    def image_of(self, name: str, container: Container) -> str | None:
        """Image of an init container or sidecar: the workload's own, its release, or that of the layer."""
        if container.image == MAIN:
            return self.running_image
        released = self.release.containers.get(name) if self.release else None
        return released.image if released else container.image


class Serving(Workload):
    """What long-running workloads with replicas share."""

    replicas: Count | None = None
    """Number of pods; default: 1. Excludes `autoscale`."""
    autoscale: Autoscale | None = None
    """Let load decide the number of replicas, by a HorizontalPodAutoscaler."""
    budget: OrNone[Budget] = Budget(maxUnavailable="1")
    """Limit of voluntary disruptions, by a PodDisruptionBudget; from two replicas on."""
    host: HostName | None = None
    """Host for traffic from outside; a name without a dot becomes <name>.<environment>.<domain>."""
    path: UrlPath = "/"
    """Path below the host."""
    hosts: dict[Label, Host] = Field(default_factory=dict)
    """Further hosts for traffic from outside, by a name of your choice; each gets an Ingress or HTTPRoute."""

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if self.replicas is not None and self.autoscale is not None:
            raise ValueError("replicas and autoscale exclude each other; set one of them to null")
        return self

    @property
    def every_host(self) -> dict[tuple[str, ...], Host]:
        """Its hosts, by their path in the workload."""
        found: dict[tuple[str, ...], Host] = {}
        if self.host is not None:
            found["host",] = Host(host=self.host, paths=(self.path,))
        return found | {("hosts", name): host for name, host in self.hosts.items()}

    @property
    def copies(self) -> int:
        """The number of copies to start with, where no autoscaler decides."""
        return 1 if self.replicas is None else self.replicas

    @property
    def fewest(self) -> int:
        """Least number of replicas."""
        return self.autoscale.min if self.autoscale else self.copies


class Deployment(Serving):
    """Interchangeable replicas."""

    kind: Word[Literal["deployment"]] = "deployment"
    """What runs it."""
    rollout: Rollout = Rollout()
    """How replicas are replaced by a new version (strategy)."""


class Site(Serving):
    """Static content behind an unprivileged nginx that listens on port 8080."""

    usual: ClassVar[Resources | None] = Resources(cpu="50m", memory="64Mi")
    kind: Word[Literal["site"]]
    """What runs it."""
    content: RelativePath
    """Folder below the root with what is served."""
    rollout: Rollout = Rollout()
    """How replicas are replaced by a new version (strategy)."""
    ports: dict[PortName, Port] = {"http": Port(number=8080)}  # noqa: RUF012 pydantic copies defaults
    """Ports it listens on, by name; they make its Service."""


class Stateful(Serving):
    """Replicas with stable names and storage of their own."""

    kind: Word[Literal["stateful"]]
    """What runs it."""
    storage: dict[Label, Storage] = Field(default_factory=dict)
    """Volumes of each replica, which outlive it (volumeClaimTemplates)."""


class Daemon(Workload):
    """One pod on each node."""

    kind: Word[Literal["daemon"]]
    """What runs it."""


class Finite(Workload):
    """What workloads share that run to completion."""

    retries: Count = 3
    """Pods that may fail before the Job fails (backoffLimit)."""
    completions: Positive = 1
    """Pods that must succeed."""
    parallelism: Positive = 1
    """Pods that run at the same time."""
    deadline: Positive = 3600
    """Seconds after which a run is stopped (activeDeadlineSeconds)."""


class Job(Finite):
    """Work done once for each version; its Job stays until the next version replaces it."""

    kind: Word[Literal["job"]]
    """What runs it."""


class CronJob(Finite):
    """Work done on a schedule."""

    kind: Word[Literal["cron"]]
    """What runs it."""
    schedule: Cron
    """Cron schedule of five fields."""
    time_zone: TimeZone = "Etc/UTC"
    """Time zone of the schedule."""
    concurrency: Word[Literal["Allow", "Forbid", "Replace"]] = "Forbid"
    """What happens when the previous run has not ended (concurrencyPolicy)."""
    late: Positive = 300
    """Seconds that a start may be late (startingDeadlineSeconds)."""
    suspend: Boolean = False
    """Pause the schedule."""
    keep: Count = 86_400
    """Seconds that a finished Job is kept (ttlSecondsAfterFinished)."""


def has_service(workload: Workload) -> bool:
    """Whether a workload has a Service: a stateful one always, for the names of its pods."""
    return not isinstance(workload, Finite) and bool(workload.ports or isinstance(workload, Stateful))


def _kind(value: Any) -> str:
    kind = (
        value.get("kind", "deployment") if isinstance(value, dict) else getattr(value, "kind", "deployment")
    )
    return str(kind)


AnyWorkload = Annotated[
    Annotated[Deployment, Tag("deployment")]
    | Annotated[Site, Tag("site")]
    | Annotated[Stateful, Tag("stateful")]
    | Annotated[Daemon, Tag("daemon")]
    | Annotated[Job, Tag("job")]
    | Annotated[CronJob, Tag("cron")],
    Discriminator(_kind),
]

KINDS: dict[str, type[Workload]] = {
    "deployment": Deployment,
    "site": Site,
    "stateful": Stateful,
    "daemon": Daemon,
    "job": Job,
    "cron": CronJob,
}
