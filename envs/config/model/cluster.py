"""Model of the cluster that an environment lives in: how it is recognised, and what its network looks like."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from envs.config.model.fields import Boolean, Cidr, Label, LabelKey, LabelValue, Line, PortNumber, Subdomain
from envs.config.model.typed import Model, OneOrMany, OrNone, Short

# AWS, Azure, GCP and others; then the IPv6 addresses of AWS and GCP.
_METADATA = ("169.254.169.254/32", "fd00:ec2::254/128", "fd20:ce::254/128")


class Peer(Model):
    """Pods of the cluster: a namespace, and labels where not all of its pods are meant."""

    namespace: Label
    """Their namespace."""
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels that they carry."""


class ApiServer(Short):
    """Where the API server answers, as NetworkPolicies see it; as a single value, its addresses."""

    short: ClassVar[str] = "addresses"
    addresses: Annotated[OneOrMany[Cidr], Field(min_length=1)]
    """Addresses of the endpoints of the Service default/kubernetes, not the address of that Service."""
    port: PortNumber = 6443
    """Port of the endpoints."""


class Dns(Model):
    """What answers DNS queries."""

    pods: Peer = Peer(namespace="kube-system", labels={"k8s-app": "kube-dns"})
    """Its pods."""
    addresses: OneOrMany[Cidr] = ()
    """Addresses that pods ask besides, such as 169.254.20.10/32 of NodeLocal DNSCache, which has no pod network."""
    port: PortNumber = 53
    """Port of the pods, such as 5353 on OpenShift."""


class Ingress(Model):
    """What brings traffic from outside to workloads that have a host."""

    namespace: Label
    """Namespace of the controller's pods."""
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels of the controller's pods."""
    class_name: Subdomain | None = None
    """Ingress class; by default the cluster's default."""
    gateway: Label | None = None
    """Gateway in that namespace: routes become HTTPRoutes of the Gateway API instead of Ingresses."""
    tls: Subdomain | None = None
    """Secret with the certificate, in each namespace; for Ingresses."""
    address: Boolean = False
    """Whether the controller publishes the address of each Ingress, so that Pulumi waits for it."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.gateway and (self.class_name or self.tls):
            raise ValueError("gateway excludes className and tls: a Gateway has its own listeners")
        return self


class Cluster(Model):
    """Where an environment lives."""

    context: Line | None = None
    """Context of the kubeconfig; by default the current one."""
    uid: UUID | None = None
    """Uid of the namespace kube-system: another cluster is refused before anything is read or written."""
    api_server: ApiServer | None = None
    """Where the API server answers; needed by the GitOps job."""
    dns: Dns = Dns()
    """What answers DNS queries; by default the pods that Kubernetes' own set-up brings."""
    pod_networks: OneOrMany[Cidr] | None = None
    """Networks of pods: a flow to a CIDR within them is judged as one to pods."""
    ingress: Ingress | None = None
    """Where traffic from outside comes from."""
    domain: Subdomain = "example.com"
    """Completes hosts without a dot: <host>.<environment>.<domain>."""
    metadata: OrNone[OneOrMany[Cidr]] = _METADATA
    """Addresses that no flow to a CIDR includes: the cloud's metadata service hands out credentials."""
