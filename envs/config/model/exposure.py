"""Models of how traffic from outside reaches a workload: hosts, paths and certificates."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from envs.config.model.fields import (
    Boolean,
    Cidr,
    HostName,
    LabelKey,
    PortName,
    String,
    Subdomain,
    UrlPath,
    Word,
)
from envs.config.model.typed import Model, OneOrMany, OrNone, Short


class Tls(Short):
    """The certificate of a host; as a single value, the Secret that holds it."""

    short: ClassVar[str] = "secret"
    secret: Subdomain | None = None
    """Existing Secret with the certificate, in each namespace (tls.secretName)."""
    issuer: Subdomain | None = None
    """Issuer of cert-manager, which writes a certificate into a Secret of each Ingress (annotations)."""
    issuer_kind: Word[Literal["ClusterIssuer", "Issuer"]] = "ClusterIssuer"
    """Kind of the issuer; an Issuer is in the namespace of the app."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.secret is None) == (self.issuer is None):
            raise ValueError("needs exactly one of secret and issuer")
        return self


class Exposed(Model):
    """What Ingresses and HTTPRoutes have in common."""

    annotations: dict[LabelKey, String] = Field(default_factory=dict)
    """Further annotations of its Ingress or HTTPRoute (annotations)."""


class Host(Short, Exposed):
    """A host for traffic from outside; as a single value, its name."""

    short: ClassVar[str] = "host"
    host: HostName
    """Its name; one without a dot becomes <name>.<environment>.<domain>, and *.<name> matches any first label."""
    paths: Annotated[OneOrMany[UrlPath], Field(min_length=1)] = ("/",)
    """Paths below the host."""
    port: PortName | None = None
    """The port that gets the traffic; default: the first TCP port."""
    tls: OrNone[Tls] = None
    """Its certificate; default: that of `cluster.ingress`."""


class Service(Model):
    """A further Service of a workload, beside the one that has its name."""

    kind: Word[Literal["cluster", "headless", "loadBalancer"]] = "cluster"
    """cluster: one address inside. headless: the addresses of the pods. loadBalancer: an address outside (type)."""
    ports: OneOrMany[PortName] = ()
    """Names of its ports; default: all of the workload."""
    annotations: dict[LabelKey, String] = Field(default_factory=dict)
    """Annotations, which controllers of load balancers read (annotations)."""
    sources: OneOrMany[Cidr] = ()
    """Who may connect to the load balancer (loadBalancerSourceRanges); default: everybody."""
    class_name: LabelKey | None = None
    """Class of the load balancer (loadBalancerClass); default: that of the cluster."""
    node_ports: Boolean = True
    """Whether each port also opens a port of every node, which many load balancers need."""
    not_ready: Boolean = False
    """Also name pods that are not ready (publishNotReadyAddresses)."""

    @model_validator(mode="after")
    def _of_a_load_balancer(self) -> Self:
        if self.kind != "loadBalancer" and (self.sources or self.class_name or not self.node_ports):
            raise ValueError("sources, className and nodePorts are for `kind: loadBalancer`")
        return self
