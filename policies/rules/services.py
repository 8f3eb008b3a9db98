"""Rules over Services and their endpoints: traffic enters through the Ingress, and goes to pods."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.context import Context, Level
from policies.rule import Area, ObjectRule, Violation
from policies.subject import Subject, dig, sequence, text

# Names that lead to a node, to the metadata of a cloud, or to Services of any namespace.
INNER_NAMES = re.compile(
    r"(?i)(?:localhost|metadata|metadata\.google\.internal|instance-data(?:\..*)?|(?:.*\.)?(?:svc|cluster\.local|internal))\.?"
)
ADDRESS = re.compile(r"[0-9.]+|.*:.*")


def check_exposure(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find Services that expose ports outside the cluster."""
    kind = dig(subject.manifest, "spec", "type")
    if kind in ("NodePort", "LoadBalancer"):
        yield Violation("spec.type", f"{kind} exposes ports outside the Ingress; use ClusterIP")
    if sequence(dig(subject.manifest, "spec", "externalIPs")):
        message = "externalIPs can take over traffic meant for others (CVE-2020-8554); remove them"
        yield Violation("spec.externalIPs", message)


def check_names(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find Services that are another name for something inside: an address, metadata, another namespace."""
    if dig(subject.manifest, "spec", "type") != "ExternalName":
        return
    name = text(dig(subject.manifest, "spec", "externalName"))
    if ADDRESS.fullmatch(name) or INNER_NAMES.fullmatch(name):
        message = (
            f'"{name}" is inside: an ingress controller that forwards to it passes by every NetworkPolicy; '
            "name a host outside of the cluster"
        )
        yield Violation("spec.externalName", message)


def check_endpoints(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find endpoints that no selector made (CVE-2021-25740)."""
    field = "subsets" if subject.kind == "Endpoints" else "endpoints"
    if subject.manifest.get(field):
        message = "written by hand, endpoints send the traffic of a Service to any address; give the Service a selector"
        yield Violation(field, message)


RULES = (
    ObjectRule(
        id="services-stay-inside",
        area=Area.NETWORK,
        law="Services are neither NodePort nor LoadBalancer, and claim no externalIPs.",
        why="Traffic that bypasses the Ingress may also bypass NetworkPolicies.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"Service"}),
        check=check_exposure,
    ),
    ObjectRule(
        id="external-names-are-outside",
        area=Area.NETWORK,
        law="An ExternalName is a host outside of the cluster: no address, no metadata server, no other Service.",
        why="Ingress controllers resolve it and connect with their own rights.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"Service"}),
        check=check_names,
    ),
    ObjectRule(
        id="endpoints-come-from-selectors",
        area=Area.NETWORK,
        law="No Endpoints and EndpointSlices are written by hand.",
        why="They can point to pods of other namespaces, to nodes and to metadata servers (CVE-2021-25740).",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"Endpoints", "EndpointSlice"}),
        check=check_endpoints,
    ),
)
