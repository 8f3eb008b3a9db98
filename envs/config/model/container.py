"""Models of the containers of a pod: their ports, probes and exceptions."""

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
    String,
    UrlPath,
    UserNumber,
    VariableName,
    Word,
)
from envs.config.model.resources import Resources
from envs.config.model.typed import Model, OrNone, Short
from envs.config.model.variable import EnvironmentSource, Variable

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


class PreStop(Short):
    """What happens before a container is asked to end; as a single value, the seconds to wait."""

    short: ClassVar[str] = "sleep"
    sleep: Positive | None = None
    """Seconds to wait, while load balancers learn that the pod ends (sleep.seconds)."""
    command: tuple[String, ...] | None = None
    """Command to run in the container instead (exec.command)."""
    path: UrlPath | None = None
    """Path of an HTTP GET request instead (httpGet.path)."""
    port: PortReference | None = None
    """Port of the request; default: the first TCP port (httpGet.port)."""

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        if sum(action is not None for action in (self.sleep, self.command, self.path)) != 1:
            raise ValueError("needs exactly one of sleep, command and path")
        if self.port is not None and self.path is None:
            raise ValueError("`port` is for a `path`")
        return self


class Probes(Model):
    """Readiness, liveness and startup probes of a workload; default: a TCP connection."""

    ready: OrNone[Probe] = None
    """Whether the pod gets traffic (readinessProbe); default: when the first TCP port accepts connections."""
    live: OrNone[Probe] = None
    """Whether the container needs no restart (livenessProbe); default: while the first TCP port accepts connections."""
    start: OrNone[Probe] = None
    """Whether it has started, which the other two wait for (startupProbe); default: as `live`, for five minutes."""


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
    env_from: dict[Label, EnvironmentSource] = Field(default_factory=dict)
    """ConfigMaps and Secrets whose keys all become variables, by a name of your choice (envFrom)."""
    ports: dict[PortName, Port] = Field(default_factory=dict)
    """Ports that it listens on, by name."""
    probes: Probes = Probes()
    """Probes of a sidecar by the kubelet; default: none."""
    pre_stop: PreStop | None = None
    """What happens before a sidecar is asked to end (lifecycle.preStop)."""
    resources: Resources = Resources()
    """Requests and limits."""
    security: Security = Security()
    """Exceptions that its image needs (securityContext)."""
    mounts: dict[Label, AbsolutePath] = Field(default_factory=dict)
    """Volumes of the workload that it mounts, and their paths (volumeMounts)."""
