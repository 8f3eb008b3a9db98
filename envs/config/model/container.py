"""Models of what runs in a pod: containers, their ports, probes, resources, variables and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from envs.config.model.fields import (
    AbsolutePath,
    Boolean,
    Count,
    ImageReference,
    Label,
    PortName,
    PortNumber,
    PortReference,
    Positive,
    Quantity,
    RelativePath,
    String,
    Subdomain,
    UrlPath,
    UserNumber,
    VariableName,
    Word,
)
from envs.config.model.typed import Model, OrNone, Short
from kube.quantity import number


class Port(Short):
    """A port that a container listens on; as a single value, its number."""

    short: ClassVar[str] = "number"
    number: PortNumber
    """Number inside the pod."""
    protocol: Word[Literal["TCP", "UDP", "SCTP"]] = "TCP"
    """Transport protocol."""
    service: PortNumber | None = None
    """Number at the Service; by default the number inside the pod."""


def first_tcp_port(ports: Mapping[str, Port]) -> str | None:
    """Name of the first port that accepts connections: what probes ask and hosts lead to."""
    return next((name for name, port in ports.items() if port.protocol == "TCP"), None)


class Resources(Model):
    """What a container asks for and what it may use at most."""

    cpu: Quantity = "50m"
    """Requested CPU."""
    memory: Quantity = "64Mi"
    """Requested memory, and the limit unless `memoryLimit` says more."""
    cpu_limit: Quantity | None = None
    """Most CPU; by default only the node limits it, since a CPU limit throttles idle nodes too."""
    memory_limit: Quantity | None = None
    """Most memory; by default what is requested."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, asked, most in (
            ("cpu", self.cpu, self.cpu_limit),
            ("memory", self.memory, self.memory_limit),
        ):
            if most is not None and number(asked) > number(most):
                raise ValueError(f"{name} {asked} is more than {name}Limit {most}")
        return self


class Probe(Short):
    """A question the kubelet asks; as a single value, the path of an HTTP request."""

    short: ClassVar[str] = "path"
    path: UrlPath | None = None
    """Path of an HTTP GET request."""
    command: tuple[String, ...] | None = None
    """Command to run instead; exit code 0 means yes."""
    grpc: Boolean = False
    """Ask the gRPC health service of the port instead (grpc.health.v1)."""
    port: PortReference | None = None
    """Name or number of the port; by default the first TCP port. Alone: a TCP connection."""
    period: Positive = 10
    """Seconds between questions."""
    timeout: Positive = 2
    """Seconds to wait for an answer."""
    failures: Positive = 3
    """Failures in a row before it counts."""
    delay: Count = 0
    """Seconds before the first question."""

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if sum([self.path is not None, self.command is not None, self.grpc]) > 1:
            raise ValueError("needs at most one of path, command and grpc")
        return self


class Probes(Model):
    """Readiness, liveness and start-up of a workload; what is missing is asked by a TCP connection."""

    ready: OrNone[Probe] = None
    """Whether the pod gets traffic; by default whether the first TCP port accepts connections."""
    live: OrNone[Probe] = None
    """Whether it goes on without a restart; by default whether the first TCP port accepts connections."""
    start: OrNone[Probe] = None
    """Whether it has started; the other two wait for it. By default what `live` asks, for five minutes."""


class Variable(Short):
    """An environment variable; as a single value, its text."""

    short: ClassVar[str] = "text"
    text: String | None = None
    """The value itself; never a credential."""
    secret: Subdomain | None = None
    """Name of a Secret that holds the value."""
    key: String | None = None
    """Key within the Secret; by default the variable's name."""
    field: String | None = None
    """A field of the pod, like status.podIP."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(source is not None for source in (self.text, self.secret, self.field)) != 1:
            raise ValueError("needs exactly one of text, secret and field")
        if self.key is not None and self.secret is None:
            raise ValueError("`key` is the key within a Secret; name it with `secret`")
        return self


class Volume(Short):
    """A folder of the main container; as a single value, the path of an empty writable one."""

    short: ClassVar[str] = "path"
    path: AbsolutePath
    """Where the main container sees it."""
    size: Quantity | None = None
    """Most that may be written to an empty folder."""
    memory: Boolean = False
    """Keep the empty folder in memory; it then counts as memory."""
    claim: Subdomain | None = None
    """Name of an existing PersistentVolumeClaim."""
    config_map: Subdomain | None = None
    """Name of an existing ConfigMap."""
    secret: Subdomain | None = None
    """Name of an existing Secret."""
    read_only: Boolean = False
    """Refuse writes."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [name for name in ("claim", "config_map", "secret") if getattr(self, name)]
        if len(kinds) > 1 or (kinds and (self.size or self.memory)):
            raise ValueError("is one of: an empty folder (size, memory), claim, configMap, secret")
        return self


class ConfigFile(Short):
    """The content of one file; as a single value, the content itself."""

    short: ClassVar[str] = "text"
    text: String | None = None
    """The content."""
    file: RelativePath | None = None
    """File below the root that holds the content."""
    template: RelativePath | None = None
    """Jinja2 template below the root; it knows environment, tier, app, workload, namespace and values."""
    values: dict[VariableName, String] = Field(default_factory=dict)
    """Values for the template."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(source is not None for source in (self.text, self.file, self.template)) != 1:
            raise ValueError("needs exactly one of text, file and template")
        if self.values and self.template is None:
            raise ValueError("`values` are for a template; name it with `template`")
        return self


class Security(Model):
    """What an image needs beyond the strictest rules; each is still within Pod Security `restricted`."""

    user: UserNumber | None = None
    """Numeric user; by default the image's own, which must not be root."""
    group: UserNumber | None = None
    """Numeric group, which also owns volumes."""
    writable_root: Boolean = False
    """Let the container write to its own image; a volume is better."""
    bind_low_ports: Boolean = False
    """Let a user other than root listen on ports below 1024 (sysctl net.ipv4.ip_unprivileged_port_start=0)."""


class Container(Model):
    """A container beside the main one."""

    image: ImageReference
    """What it runs."""
    pull_policy: Word[Literal["Always", "IfNotPresent", "Never"]] = "IfNotPresent"
    """When the node fetches the image."""
    command: tuple[String, ...] = ()
    """Replaces the entry point of the image."""
    args: tuple[String, ...] = ()
    """Arguments to it."""
    env: dict[VariableName, Variable] = Field(default_factory=dict)
    """Environment variables."""
    ports: dict[PortName, Port] = Field(default_factory=dict)
    """Ports it listens on, by name."""
    resources: Resources = Resources()
    """What it asks for and may use."""
    security: Security = Security()
    """What its image needs beyond the strictest rules."""
    mounts: dict[Label, AbsolutePath] = Field(default_factory=dict)
    """Volumes of the workload that it sees too, and where."""
