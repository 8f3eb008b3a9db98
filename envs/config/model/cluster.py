"""Model of the cluster of an environment: its identity and its network."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from envs.config.model.exposure import Tls
from envs.config.model.fields import (
    ApiVersion,
    Boolean,
    Cidr,
    Label,
    LabelKey,
    LabelValue,
    Line,
    PortNumber,
    String,
    Subdomain,
    Word,
)
from envs.config.model.typed import Model, OneOrMany, OrNone, Short

# AWS, Azure, GCP and others; then the IPv6 addresses of AWS and GCP.
_METADATA = ("169.254.169.254/32", "fd00:ec2::254/128", "fd20:ce::254/128")


class Peer(Model):
    """Pods of the cluster: all of a namespace, or those with some labels."""

    namespace: Label
    """Their namespace (namespaceSelector)."""
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Their labels (podSelector)."""


class ApiServer(Short):
    """Location of the API server, as NetworkPolicies see it; as a single value, its addresses."""

    short: ClassVar[str] = "addresses"
    addresses: Annotated[OneOrMany[Cidr], Field(min_length=1)]
    """Addresses of the endpoints of the Service default/kubernetes, not its clusterIP (cidr)."""
    port: PortNumber = 6443
    """Port of the endpoints."""


class Dns(Model):
    """The DNS server of the cluster."""

    pods: Peer = Peer(namespace="kube-system", labels={"k8s-app": "kube-dns"})
    """Its pods."""
    addresses: OneOrMany[Cidr] = ()
    """Further addresses that pods query, such as 169.254.20.10/32 of NodeLocal DNSCache (cidr)."""
    port: PortNumber = 53
    """Port of its pods, such as 5353 on OpenShift."""


class Ingress(Model):
    """The ingress controller, which brings outside traffic to workloads that have a host."""

    namespace: Label
    """Namespace of the controller's pods."""
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels of the controller's pods."""
    class_name: Subdomain | None = None
    """Ingress class (ingressClassName); default: that of the cluster."""
    gateway: Label | None = None
    """Gateway in that namespace; hosts then become HTTPRoutes of the Gateway API instead of Ingresses."""
    tls: Tls | None = None
    """Certificate of each host, for Ingresses; as a single value, an existing Secret (tls.secretName)."""
    annotations: dict[LabelKey, String] = Field(default_factory=dict)
    """Annotations of each Ingress or HTTPRoute (annotations)."""
    address: Boolean = False
    """Whether the controller publishes the address of each Ingress, so that Pulumi waits for it."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.gateway and (self.class_name or self.tls):
            raise ValueError("gateway excludes className and tls: a Gateway has its own listeners")
        return self


class Cluster(Model):
    """The cluster of an environment."""

    context: Line | None = None
    """Context in the kubeconfig; required in production, by default the current one."""
    uid: UUID | None = None
    """Uid of the namespace kube-system, required in production; any other cluster is refused before a write."""
    version: Word[Literal["1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37"]] = "1.37"
    """Minor version of Kubernetes, by which `patch`, `manifests` and other objects as written are checked."""
    apis: OneOrMany[ApiVersion] = ()
    """API versions that the cluster serves beyond the default, such as resource.k8s.io/v1beta1."""
    api_server: ApiServer | None = None
    """Location of the API server; the GitOps job needs it."""
    dns: Dns = Dns()
    """The DNS server of the cluster; default: the pods of a usual installation."""
    pod_networks: OneOrMany[Cidr] | None = None
    """CIDRs of pods: a flow to addresses within them is judged as a flow to pods."""
    ingress: Ingress | None = None
    """The source of outside traffic."""
    peers: dict[Label, Peer] = Field(default_factory=dict)
    """Other pods of the cluster that flows may name, such as those of the monitoring."""
    domain: Subdomain = "example.com"
    """Completes hosts without a dot: <host>.<environment>.<domain>."""
    metadata: OrNone[OneOrMany[Cidr]] = _METADATA
    """Addresses excluded from every flow to a CIDR: the cloud's metadata service hands out credentials."""
