"""Rules over Services: traffic enters through the Ingress only."""

from __future__ import annotations

from collections.abc import Iterator

from policies.context import Context, Level
from policies.rule import Area, ObjectRule, Violation
from policies.subject import Subject, dig, sequence


def check_exposure(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find Services that expose ports outside the cluster."""
    kind = dig(subject.manifest, "spec", "type")
    if kind in ("NodePort", "LoadBalancer"):
        yield Violation("spec.type", f"{kind} exposes ports outside the Ingress; use ClusterIP")
    if sequence(dig(subject.manifest, "spec", "externalIPs")):
        message = "externalIPs can take over traffic meant for others (CVE-2020-8554); remove them"
        yield Violation("spec.externalIPs", message)


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
)
