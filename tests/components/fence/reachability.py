"""Who may connect to whom by NetworkPolicies, by the rules of the API and nothing of our components.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

Policy = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pod:
    """What policies see of a pod; an address instead of labels for what is no pod of the cluster."""

    namespace: str
    labels: Mapping[str, str]
    address: str = ""


def allowed(policies: Sequence[Policy], source: Pod, target: Pod, port: int, protocol: str = "TCP") -> bool:
    """Whether the policies let `source` connect to a port of `target`: both sides must."""
    leaves = source.address or _one_side(policies, "Egress", (source, target), (port, protocol))
    enters = target.address or _one_side(policies, "Ingress", (target, source), (port, protocol))
    return bool(leaves and enters)


def _one_side(
    policies: Sequence[Policy], direction: str, pods: tuple[Pod, Pod], port: tuple[int, str]
) -> bool:
    own, other = pods
    selecting = [
        policy
        for policy in policies
        if direction in policy["spec"]["policyTypes"]
        and policy["metadata"]["namespace"] == own.namespace
        and _selects(policy["spec"]["podSelector"], own.labels)
    ]
    if not selecting:
        return True
    return any(
        _has_peer(rule.get(peers, []), policy, other) and _has_port(rule.get("ports"), *port)
        for policy in selecting
        for peers, rule in _rules(policy, direction)
    )


def _rules(policy: Policy, direction: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    key, peers = ("egress", "to") if direction == "Egress" else ("ingress", "from")
    for rule in policy["spec"].get(key, []):
        yield peers, rule


def _has_peer(peers: Sequence[Mapping[str, Any]], policy: Policy, pod: Pod) -> bool:
    return not peers or any(_is_peer(peer, policy, pod) for peer in peers)


def _is_peer(peer: Mapping[str, Any], policy: Policy, pod: Pod) -> bool:
    block = peer.get("ipBlock")
    if block is not None:
        return bool(pod.address) and _within(pod.address, block["cidr"], block.get("except", []))
    if pod.address:
        return False
    namespace = peer.get("namespaceSelector")
    if namespace is None:
        if pod.namespace != policy["metadata"]["namespace"]:
            return False
    elif not _selects(namespace, {"kubernetes.io/metadata.name": pod.namespace}):
        return False
    return _selects(peer.get("podSelector", {}), pod.labels)


def _within(address: str, cidr: str, outside: Sequence[str]) -> bool:
    return ip_address(address) in ip_network(cidr) and not any(
        ip_address(address) in ip_network(part) for part in outside
    )


def _has_port(ports: Sequence[Mapping[str, Any]] | None, port: int, protocol: str) -> bool:
    return not ports or any(one["port"] == port and one["protocol"] == protocol for one in ports)


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
