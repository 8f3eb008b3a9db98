"""NetworkPolicies of an app: no connections except DNS and the declared flows.

A flow becomes two policies, egress at its source and ingress at its target; the side that is outside
the environment (a CIDR, the ingress controller, a peer, another environment) has none of ours.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lightkube.models.meta_v1 import LabelSelector
from lightkube.models.networking_v1 import (
    IPBlock,
    NetworkPolicy,
    NetworkPolicyEgressRule,
    NetworkPolicyIngressRule,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)

from components.objects.manifest import Scope
from envs.config.model.cluster import Dns, Peer
from envs.config.model.environment import Environment
from envs.config.model.flow import Endpoint, Flow

NAMESPACE_NAME = "kubernetes.io/metadata.name"  # set by the API server, so it cannot be forged
DEFAULT_DENY = "default-deny"
_BOTH = ["Egress", "Ingress"]
_DNS = 53


def network(scope: Scope) -> Iterator[NetworkPolicy]:
    """Make the policies of one app's namespace, for the flows of all apps that touch it."""
    yield policy(scope, DEFAULT_DENY, NetworkPolicySpec(podSelector=LabelSelector(), policyTypes=_BOTH))
    yield policy(scope, "allow-dns", dns_egress(scope.environment.cluster.dns))
    if scope.app.isolation == "namespace":
        yield policy(scope, "allow-namespace", _same_namespace())
    yield from _to_api_server(scope)
    for declared_by, name, flow in scope.environment.flows_by_app.get(scope.name, ()):
        connection = _Connection(scope.environment, declared_by, flow)
        # Neither name can contain a dot, so no two flows share a policy.
        label = name if declared_by == scope.name else f"{declared_by}.{name}"
        yield from _policies(scope, label, connection)


def _to_api_server(scope: Scope) -> Iterator[NetworkPolicy]:
    """Let the pods that mount a token use it."""
    server = scope.environment.cluster.api_server
    for name, workload in scope.app.workloads.items():
        if workload.account.token is not None and server is not None:
            port = NetworkPolicyPort(port=server.port, protocol="TCP")
            egress = NetworkPolicyEgressRule(to=blocks(server.addresses, []), ports=[port])
            selector = LabelSelector(matchLabels={"app.kubernetes.io/name": name})
            spec = NetworkPolicySpec(podSelector=selector, policyTypes=["Egress"], egress=[egress])
            yield policy(scope, f"{name}.api-server", spec)  # the dot: no flow has such a name


def policy(scope: Scope, name: str, spec: NetworkPolicySpec) -> NetworkPolicy:
    """Make one NetworkPolicy in the namespace of a scope."""
    return NetworkPolicy(
        apiVersion="networking.k8s.io/v1", kind="NetworkPolicy", metadata=scope.metadata(name), spec=spec
    )


def dns_egress(dns: Dns) -> NetworkPolicySpec:
    """Let all pods ask the cluster's DNS, over UDP and, for long answers, TCP."""
    rules = [NetworkPolicyEgressRule(to=[peer(dns.pods)], ports=_dns_ports(dns.port))]
    if dns.addresses:
        rules.append(NetworkPolicyEgressRule(to=blocks(dns.addresses, []), ports=_dns_ports(_DNS)))
    return NetworkPolicySpec(podSelector=LabelSelector(), policyTypes=["Egress"], egress=rules)


def _dns_ports(number: int) -> list[NetworkPolicyPort]:
    return [NetworkPolicyPort(port=number, protocol=protocol) for protocol in ("UDP", "TCP")]


def peer(pods: Peer) -> NetworkPolicyPeer:
    """Select pods by the name of their namespace and, where given, their labels."""
    return NetworkPolicyPeer(
        namespaceSelector=LabelSelector(matchLabels={NAMESPACE_NAME: pods.namespace}),
        podSelector=LabelSelector(matchLabels=dict(pods.labels)) if pods.labels else None,
    )


def blocks(addresses: Sequence[str], excluded: Sequence[str]) -> list[NetworkPolicyPeer]:
    """Select addresses, without those excluded that lie within them."""
    return [
        NetworkPolicyPeer(ipBlock=IPBlock(cidr=cidr, except_=_within(cidr, excluded) or None))
        for cidr in addresses
    ]


@dataclass(frozen=True, slots=True)
class _Connection:
    """A flow as seen from the app that declares it."""

    environment: Environment
    declared_by: str
    flow: Flow

    def touches(self, endpoint: Endpoint, app: str) -> bool:
        """Whether an endpoint is pods of `app` in this environment."""
        here = endpoint.environment in {None, self.environment.name}
        return endpoint.is_workload and here and (endpoint.app or self.declared_by) == app

    def peers(self, endpoint: Endpoint) -> list[NetworkPolicyPeer]:
        """Describe the other side of a policy."""
        cluster = self.environment.cluster
        if endpoint.cidr is not None:
            return blocks([endpoint.cidr], [*endpoint.outside, *(cluster.metadata or ())])
        if endpoint.peer is not None:
            return [peer(cluster.peers[endpoint.peer])]
        if endpoint.is_ingress and cluster.ingress is not None:
            return [peer(Peer(namespace=cluster.ingress.namespace, labels=cluster.ingress.labels))]
        app = endpoint.app or self.declared_by
        here = endpoint.environment in {None, self.environment.name}
        namespace = self.environment.namespace(app) if here else f"{app}-{endpoint.environment}"
        name = {"app.kubernetes.io/name": endpoint.workload} if endpoint.workload else {}
        return [peer(Peer(namespace=namespace, labels=name))]

    def selector(self, endpoint: Endpoint) -> LabelSelector:
        """Select the pods of an endpoint within their namespace."""
        name = endpoint.workload
        return LabelSelector(matchLabels={"app.kubernetes.io/name": name}) if name else LabelSelector()

    def ports(self) -> list[NetworkPolicyPort]:
        """Resolve the port to its number: names are resolved on the target, which egress cannot see."""
        flow = self.flow
        if isinstance(flow.port, int):
            return [NetworkPolicyPort(port=flow.port, protocol=flow.protocol)]
        target = self.environment.apps[flow.to.app or self.declared_by].workloads[str(flow.to.workload)]
        port = target.ports[flow.port]
        return [NetworkPolicyPort(port=port.number, protocol=port.protocol)]


def _policies(scope: Scope, name: str, connection: _Connection) -> Iterator[NetworkPolicy]:
    flow = connection.flow
    if connection.touches(flow.from_, scope.name):
        egress = NetworkPolicyEgressRule(to=connection.peers(flow.to), ports=connection.ports())
        spec = NetworkPolicySpec(
            podSelector=connection.selector(flow.from_), policyTypes=["Egress"], egress=[egress]
        )
        yield policy(scope, f"{name}-egress", spec)
    if connection.touches(flow.to, scope.name):
        ingress = NetworkPolicyIngressRule(from_=connection.peers(flow.from_), ports=connection.ports())
        spec = NetworkPolicySpec(
            podSelector=connection.selector(flow.to), policyTypes=["Ingress"], ingress=[ingress]
        )
        yield policy(scope, f"{name}-ingress", spec)


def _same_namespace() -> NetworkPolicySpec:
    everyone = [NetworkPolicyPeer(podSelector=LabelSelector())]
    return NetworkPolicySpec(
        podSelector=LabelSelector(),
        policyTypes=_BOTH,
        egress=[NetworkPolicyEgressRule(to=everyone)],
        ingress=[NetworkPolicyIngressRule(from_=everyone)],
    )


def _within(cidr: str, excluded: Sequence[str]) -> list[str]:
    network_of = ipaddress.ip_network
    whole = network_of(cidr)
    return [
        part
        for part in excluded
        if network_of(part).version == whole.version
        and network_of(part).subnet_of(whole)  # type: ignore[arg-type]  # versions are equal
        and network_of(part) != whole
    ]
