"""Rules over the addresses that NetworkPolicies open: no metadata servers, no node ports, not everything."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from policies.context import Context, Level, Tier
from policies.network.reachability import EGRESS, Policy
from policies.rule import Area, ObjectRule, Violation
from policies.subject import Subject, dig, entries, mapping, named_entries, sequence

# AWS, Azure, GCP and others; then the IPv6 address of AWS.
METADATA = ("169.254.169.254/32", "fd00:ec2::254/128")
NODE_PORTS = (30000, 32767)


def check_metadata(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find egress to the servers from which nodes get their credentials."""
    for path, block, _ in _blocks(subject):
        for server in METADATA:
            if _allows(block, server):
                address = server.partition("/")[0]
                message = f"this allows {address}, which gives out the node's identity; put it into except"
                yield Violation(f"{path}.ipBlock", message)


def check_targets(subject: Subject, context: Context) -> Iterator[Violation]:
    """Find egress of production to every address, and to node ports, behind which are all Services."""
    if context.tier is not Tier.PRODUCTION:
        return
    for path, block, ports in _blocks(subject):
        if str(block.get("cidr")).endswith("/0"):
            message = f"{block['cidr']} is every address; name those that are needed"
            yield Violation(f"{path}.ipBlock.cidr", message)
        if not ports or any(_opens_node_ports(port) for port in ports):
            first, last = NODE_PORTS
            message = (
                f"the ports {first} to {last} of a node lead to Services of every namespace; name other ports"
            )
            yield Violation(f"{path}.ipBlock", message)


def _blocks(subject: Subject) -> Iterator[tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    """Yield each block of egress with its path and the ports that its rule opens."""
    if EGRESS not in Policy(subject).types:
        return
    for path, rule in named_entries("spec.egress", dig(subject.manifest, "spec", "egress")):
        for step, peer in named_entries("to", rule.get("to")):
            if peer.get("ipBlock") is not None:
                yield f"{path}.{step}", mapping(peer["ipBlock"]), entries(rule.get("ports"))


def _opens_node_ports(port: dict[str, Any]) -> bool:
    first = port.get("port")
    if first is None:
        return True
    last = port.get("endPort") or first
    return (
        isinstance(first, int) and isinstance(last, int) and first <= NODE_PORTS[1] and last >= NODE_PORTS[0]
    )


def _allows(block: dict[str, Any], address: str) -> bool:
    wanted = ipaddress.ip_network(address)
    holes = [hole for hole in sequence(block.get("except")) if isinstance(hole, str)]
    return _holds(block.get("cidr"), wanted) and not any(_holds(hole, wanted) for hole in holes)


def _holds(cidr: object, inner: Any) -> bool:
    try:
        outer = ipaddress.ip_network(str(cidr), strict=False)
    except ValueError:
        return False  # the API server will refuse it
    return outer.version == inner.version and bool(inner.subnet_of(outer))


RULES = (
    ObjectRule(
        id="flows-avoid-metadata",
        area=Area.NETWORK,
        law="No NetworkPolicy allows the metadata servers of clouds.",
        why="They give every pod that reaches them the identity of its node.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"NetworkPolicy"}),
        check=check_metadata,
    ),
    ObjectRule(
        id="flows-name-their-targets",
        area=Area.NETWORK,
        law="In production, NetworkPolicies open neither every address nor the ports of nodes.",
        why="An intruder can send data anywhere, and reach Services of other environments through a node.",
        test=Level.ADVISORY,
        production=Level.ADVISORY,
        kinds=frozenset({"NetworkPolicy"}),
        check=check_targets,
    ),
)
