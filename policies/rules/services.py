"""Rules over Services: traffic enters through the Ingress, not beside it."""

from __future__ import annotations

from collections.abc import Iterator

from policies.context import Context, Level
from policies.rule import Area, ObjectRule, Violation
from policies.subject import Subject, dig, sequence


def check_exposure(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find Services that open a door of their own."""
    kind = dig(subject.manifest, "spec", "type")
    if kind in ("NodePort", "LoadBalancer"):
        yield Violation("spec.type", f"{kind} opens a door beside the Ingress; use ClusterIP")
    if sequence(dig(subject.manifest, "spec", "externalIPs")):
        message = "externalIPs can take over traffic meant for others (CVE-2020-8554); remove them"
        yield Violation("spec.externalIPs", message)


RULES = (
    ObjectRule(
        id="services-stay-inside",
        area=Area.NETWORK,
        law="Services are neither NodePort nor LoadBalancer, and claim no externalIPs.",
        why="Every door beside the Ingress is one that NetworkPolicies and reviews may not see.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"Service"}),
        check=check_exposure,
    ),
)
