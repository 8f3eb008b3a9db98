"""Neighbours on the same cluster that could not be judged with an environment: their layers are broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kube.yaml.faults import Fault
from policies.context import Level
from policies.rule import Finding

RULE = "neighbours-are-judged"


def unjudged(broken: Mapping[str, Sequence[Fault]]) -> Iterator[Finding]:
    """Say which neighbours are missing, and the first reason of each; their own checks report the rest."""
    for name, faults in broken.items():
        first = min(faults)
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        message = (
            "its layers are broken, so nothing tells whether environments on the same cluster and this one "
            f"reach each other; `envs check {name}` lists the faults: {first.message}{more}"
        )
        yield Finding(RULE, Level.ADVISORY, "", f"Environment/{name}", first.path, message, str(first.origin))
