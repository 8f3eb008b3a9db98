"""Models of the contents of a pod: containers, their ports, probes, resources, variables and files."""

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

MAIN = "main"  # the word for the image of the workload's main container


class Port(Short):
    """A port that a container listens on; as a single value, its number."""

    short: ClassVar[str] = "number"
    number: PortNumber
    """Number inside the pod (containerPort)."""
    protocol: Word[Literal["TCP", "UDP", "SCTP"]] = "TCP"
    """Transport protocol."""
    service: PortNumber | None = None
    """Number at the Service (port); default: the number inside the pod."""


def first_tcp_port(ports: Mapping[str, Port]) -> str | None:
    """Name of the first TCP port, which is the default of probes and hosts."""
    return next((name for name, port in ports.items() if port.protocol == "TCP"), None)


class Resources(Model):
    """Requests and limits of a container (resources)."""

    cpu: Quantity = "50m"
    """Requested CPU (requests.cpu)."""
    memory: Quantity = "64Mi"
    """Requested memory (requests.memory), and the limit unless `memoryLimit` is set."""
    cpu_limit: Quantity | None = None
    """CPU limit (limits.cpu); default: none, since a CPU limit throttles on idle nodes, too."""
    memory_limit: Quantity | None = None
    """Memory limit (limits.memory); default: the request."""

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
    """A probe by the kubelet; as a single value, the path of an HTTP request."""

    short: ClassVar[str] = "path"
    path: UrlPath | None = None
    """Path of an HTTP GET request (httpGet.path)."""
    command: tuple[String, ...] | None = None
    """Command to run in the container instead (exec.command); exit code 0 is success."""
    grpc: Boolean = False
    """Call the gRPC health service of the port instead."""
    port: PortReference | None = None
    """Name or number of the port; default: the first TCP port. Alone, it opens a connection (tcpSocket)."""
    period: Positive = 10
    """Seconds between probes (periodSeconds)."""
    timeout: Positive = 2
    """Seconds to wait for an answer (timeoutSeconds)."""
    failures: Positive = 3
    """Consecutive failures that count as failed (failureThreshold)."""
    delay: Count = 0
    """Seconds before the first probe (initialDelaySeconds)."""

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if sum([self.path is not None, self.command is not None, self.grpc]) > 1:
            raise ValueError("needs at most one of path, command and grpc")
        return self


class Probes(Model):
    """Readiness, liveness and startup probes of a workload; default: a TCP connection."""

    ready: OrNone[Probe] = None
    """Whether the pod gets traffic (readinessProbe); default: when the first TCP port accepts connections."""
    live: OrNone[Probe] = None
    """Whether the container needs no restart (livenessProbe); default: while the first TCP port accepts connections."""
    start: OrNone[Probe] = None
    """Whether it has started, which the other two wait for (startupProbe); default: as `live`, for five minutes."""


class Address(Short):
    """The address of another workload; as a single value, a workload of the same app."""

    short: ClassVar[str] = "workload"
    workload: Label
    """The workload, which has ports; its Service answers."""
    app: Label | None = None
    """Its app; default: the same one."""
    port: PortReference | None = None
    """Name or number of a port, which follows the host; default: the host alone."""


class Variable(Short):
    """An environment variable; as a single value, its text."""

    short: ClassVar[str] = "text"
    text: String | None = None
    """The value itself (value); never a credential."""
    secret: Subdomain | None = None
    """Name of a Secret that holds the value (secretKeyRef)."""
    key: String | None = None
    """Key within the Secret; default: the name of the variable."""
    field: String | None = None
    """A field of the pod, such as status.podIP (fieldPath)."""
    resource: String | None = None
    """A request or limit of the container, such as limits.memory (resourceFieldRef)."""
    address: Address | None = None
    """The host of another workload, or host:port; a flow must lead there."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = (self.text, self.secret, self.field, self.resource, self.address)
        if sum(source is not None for source in sources) != 1:
            raise ValueError("needs exactly one of text, secret, field, resource and address")
        if self.key is not None and self.secret is None:
            raise ValueError("`key` is the key within a Secret; name it with `secret`")
        return self


class Volume(Short):
    """A volume of the main container; as a single value, the path of an empty writable folder."""

    short: ClassVar[str] = "path"
    path: AbsolutePath
    """Path in the main container (mountPath)."""
    size: Quantity | None = None
    """Size limit of an empty folder (sizeLimit)."""
    memory: Boolean = False
    """Keep the empty folder in memory (medium: Memory); it counts towards the memory limit."""
    claim: Subdomain | None = None
    """Name of an existing PersistentVolumeClaim (claimName)."""
    config_map: Subdomain | None = None
    """Name of an existing ConfigMap."""
    secret: Subdomain | None = None
    """Name of an existing Secret (secretName)."""
    read_only: Boolean = False
    """Mount it read-only."""

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
    """Jinja2 template below the root, with the variables environment, tier, app, workload, namespace and values."""
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
    """Exceptions that an image needs; each is still within Pod Security `restricted`."""

    user: UserNumber | None = None
    """Numeric user (runAsUser); default: the image's own, which must not be root."""
    group: UserNumber | None = None
    """Numeric group (runAsGroup), which also owns volumes (fsGroup)."""
    writable_root: Boolean = False
    """Let the container write to its root file system (readOnlyRootFilesystem: false); prefer a volume."""
    bind_low_ports: Boolean = False
    """Let a user other than root listen on ports below 1024 (sysctls, net.ipv4.ip_unprivileged_port_start=0)."""


class Container(Model):
    """A container beside the main one."""

    image: ImageReference | None = None
    """Image where there is no release; the word `main` is that of the workload's main container."""
    pull_policy: Word[Literal["Always", "IfNotPresent", "Never"]] | None = None
    """When the node pulls the image (imagePullPolicy); default: IfNotPresent, or Always if its tag may move."""
    command: tuple[String, ...] = ()
    """Replaces the entry point of the image."""
    args: tuple[String, ...] = ()
    """Arguments of the entry point."""
    env: dict[VariableName, Variable] = Field(default_factory=dict)
    """Environment variables."""
    ports: dict[PortName, Port] = Field(default_factory=dict)
    """Ports that it listens on, by name."""
    resources: Resources = Resources()
    """Requests and limits."""
    security: Security = Security()
    """Exceptions that its image needs (securityContext)."""
    mounts: dict[Label, AbsolutePath] = Field(default_factory=dict)
    """Volumes of the workload that it mounts, and their paths (volumeMounts)."""
