"""Computes which pod may open a connection to which other, from namespaces, pods and all NetworkPolicies.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/: policies only add, and a
connection needs the egress of its source and the ingress of its destination.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from policies.network.label_selector import Requirement, matches, requirements
from policies.network.port_set import EVERY_PORT, NO_PORT, NamedPort, PortSet, port_set
from policies.pods import Pod
from policies.subject import Subject, dig, entries, mapping, sequence

INGRESS, EGRESS = "Ingress", "Egress"

# Used where the networks of pods are not declared: a block that contains one of these contains pods.
PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")


@dataclass(frozen=True)
class PodEndpoint:
    """What matters of a pod for NetworkPolicies."""

    subject: Subject
    namespace: str
    labels: Mapping[str, str]
    path: str = ""
    ports: tuple[NamedPort, ...] = ()


@dataclass(frozen=True)
class Policy:
    """A NetworkPolicy with its defaults filled in."""

    subject: Subject

    @cached_property
    def types(self) -> frozenset[str]:
        """Directions that it isolates."""
        declared = sequence(dig(self.subject.manifest, "spec", "policyTypes"))
        if declared:
            return frozenset(str(entry) for entry in declared)
        return frozenset({INGRESS, EGRESS} if self.rules(EGRESS) else {INGRESS})

    def rules(self, direction: str) -> list[dict[str, Any]]:
        """Rules of one direction."""
        return entries(dig(self.subject.manifest, "spec", direction.lower()))

    @cached_property
    def selector(self) -> dict[str, Any]:
        """Selector of the pods to which it applies."""
        return mapping(dig(self.subject.manifest, "spec", "podSelector"))

    @property
    def label(self) -> tuple[str, str] | None:
        """One label that each of its pods has, to find the policies of a pod quickly."""
        wanted = mapping(self.selector.get("matchLabels"))
        return next(((key, str(value)) for key, value in wanted.items()), None)


def peers(rule: Mapping[str, Any], direction: str) -> list[dict[str, Any]] | None:
    """Peers of a rule; None for a missing or empty list, which means everybody."""
    listed = rule.get("from" if direction == INGRESS else "to")
    return entries(listed) if isinstance(listed, list) and listed else None


def endpoint(subject: Subject, pod: Pod) -> PodEndpoint:
    """Extract what matters of a pod for NetworkPolicies."""
    ports = tuple(
        (str(port["name"]), str(port.get("protocol") or "TCP"), int(port["containerPort"]))
        for container in pod.containers
        for port in entries(container.spec.get("ports"))
        if isinstance(port.get("name"), str) and isinstance(port.get("containerPort"), int | float)
    )
    labels = dict(pod.labels)
    if subject.kind == "Job":
        labels |= {"job-name": subject.name, "batch.kubernetes.io/job-name": subject.name}
    return PodEndpoint(subject, subject.namespace, labels, f"{pod.metadata_path}.labels", ports)


def block_holds_pods(block: Mapping[str, Any], pod_networks: Sequence[str] | None) -> bool:
    """Tell whether an ipBlock allows pods, since many plugins compare it with the addresses of pods."""
    try:
        whole = ipaddress.ip_network(str(block.get("cidr")), strict=False)
        holes = [ipaddress.ip_network(str(hole), strict=False) for hole in sequence(block.get("except"))]
    except ValueError:
        return True  # invalid, so the API server will refuse it
    known = PRIVATE_NETWORKS if pod_networks is None else pod_networks
    for network in map(ipaddress.ip_network, known):
        inside = _holds(whole, network) if pod_networks is None else whole.overlaps(network)
        if inside and not any(_holds(hole, network) or _holds(hole, whole) for hole in holes):
            return True
    return False


def _holds(outer: Any, inner: Any) -> bool:
    return outer.version == inner.version and bool(inner.subnet_of(outer))


@dataclass(frozen=True)
class World:
    """All namespaces, pods and NetworkPolicies of one cluster."""

    namespaces: Mapping[str, Mapping[str, str]]
    """Labels of namespaces, by name."""
    policies: Sequence[Policy]
    pod_networks: Sequence[str] | None = ()
    known: Iterable[str] = ()
    """Names of the namespaces that hold pods."""
    _selecting: dict[tuple[int, str], list[Policy]] = field(default_factory=dict, repr=False)
    _selected: dict[frozenset[Requirement], frozenset[str]] = field(default_factory=dict, repr=False)

    def isolating(self, pod: PodEndpoint, direction: str) -> list[Policy]:
        """Return the policies that isolate the pod in one direction; without one everything is allowed."""
        key = (id(pod), direction)
        if key not in self._selecting:
            labels: list[tuple[str, str] | None] = [None, *pod.labels.items()]
            candidates = (
                policy for label in labels for policy in self._index.get((pod.namespace, label), ())
            )
            self._selecting[key] = [
                policy
                for policy in candidates
                if direction in policy.types and matches(policy.selector, pod.labels)
            ]
        return self._selecting[key]

    @cached_property
    def _index(self) -> dict[tuple[str, tuple[str, str] | None], list[Policy]]:
        indexed: dict[tuple[str, tuple[str, str] | None], list[Policy]] = {}
        for policy in self.policies:
            indexed.setdefault((policy.subject.namespace, policy.label), []).append(policy)
        return indexed

    def allowed(self, source: PodEndpoint, destination: PodEndpoint) -> PortSet:
        """Ports on which the source may open a connection to the destination."""
        leaving = self._ports(source, EGRESS, destination, destination)
        if not leaving:
            return NO_PORT
        return leaving & self._ports(destination, INGRESS, source, destination)

    def _ports(
        self, isolated: PodEndpoint, direction: str, other: PodEndpoint, target: PodEndpoint
    ) -> PortSet:
        isolating = self.isolating(isolated, direction)
        if not isolating:
            return EVERY_PORT
        ports = NO_PORT
        for policy in isolating:
            for rule in policy.rules(direction):
                if self.admits(policy, peers(rule, direction), other):
                    ports |= port_set(rule.get("ports"), target.ports)
        return ports

    def admits(self, policy: Policy, listed: list[dict[str, Any]] | None, other: PodEndpoint) -> bool:
        """Tell whether one of the peers is the other pod."""
        return listed is None or any(self._is_peer(policy, peer, other) for peer in listed)

    def _is_peer(self, policy: Policy, peer: dict[str, Any], other: PodEndpoint) -> bool:
        if peer.get("ipBlock") is not None:
            return block_holds_pods(mapping(peer["ipBlock"]), self.pod_networks)
        spaces = peer.get("namespaceSelector")
        if spaces is None:
            if other.namespace != policy.subject.namespace:
                return False
        elif not matches(mapping(spaces), self.labels_of(other.namespace)):
            return False
        return matches(mapping(peer.get("podSelector")), other.labels)

    def labels_of(self, namespace: str) -> Mapping[str, str]:
        """Labels of a namespace, with the one that the API server sets."""
        return {**self.namespaces.get(namespace, {}), "kubernetes.io/metadata.name": namespace}

    def spaces(self, pod: PodEndpoint, direction: str) -> frozenset[str] | None:
        """Find the known namespaces to which the policies of a pod may lead, besides its own; None for all."""
        if not self.isolating(pod, direction):
            return None
        found: set[str] = set()
        for _, _, peer in self.reaching(pod, direction):
            if not peer:
                return None
            if peer.get("ipBlock") is None:
                found |= self.matching(mapping(peer.get("namespaceSelector")))
            elif block_holds_pods(mapping(peer["ipBlock"]), self.pod_networks):
                return None
        return frozenset(found)

    def matching(self, selector: Mapping[str, Any]) -> frozenset[str]:
        """Select known namespaces: a label of the selector finds the few that may match, so that not all are tried."""
        asked = frozenset(requirements(selector))
        if asked not in self._selected:
            wanted = [each for each in asked if each.operator == "In"]
            narrow = min(wanted, key=lambda each: len(each.values), default=None)
            near = (
                self.known
                if narrow is None
                else {name for value in narrow.values for name in self._labelled.get((narrow.key, value), ())}
            )
            self._selected[asked] = frozenset(
                name for name in near if all(each.holds(self.labels_of(name)) for each in asked)
            )
        return self._selected[asked]

    @cached_property
    def _labelled(self) -> dict[tuple[str, str], list[str]]:
        indexed: dict[tuple[str, str], list[str]] = {}
        for name in self.known:
            for label in self.labels_of(name).items():
                indexed.setdefault(label, []).append(name)
        return indexed

    def reaching(
        self, pod: PodEndpoint, direction: str
    ) -> Iterator[tuple[Policy, str, dict[str, Any] | None]]:
        """Yield the peers that may lead out of the pod's namespace, each with its path."""
        for policy in self.isolating(pod, direction):
            yield from outward_peers(policy, direction)


def outward_peers(policy: Policy, direction: str) -> Iterator[tuple[Policy, str, dict[str, Any] | None]]:
    """Yield the peers of a policy that may be outside its namespace; None stands for everybody."""
    side = "from" if direction == INGRESS else "to"
    for number, rule in enumerate(sequence(dig(policy.subject.manifest, "spec", direction.lower()))):
        path = f"spec.{direction.lower()}[{number}]"
        listed = peers(mapping(rule), direction)
        if listed is None:
            yield policy, path, None
        for index, peer in enumerate(listed or ()):
            if peer.get("namespaceSelector") is not None or peer.get("ipBlock") is not None or not peer:
                yield policy, f"{path}.{side}[{index}]", peer
