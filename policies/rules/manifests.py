"""The rule over files of manifests."""

from __future__ import annotations

from policies.context import Level
from policies.rule import Area, Rule

MANIFESTS_ARE_READABLE = Rule(
    id="manifests-are-readable",
    area=Area.ENVIRONMENT,
    law="A file of manifests holds Kubernetes objects alone, in YAML that every gate reads alike.",
    why="An object that a check cannot read is applied unseen.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
    exempt_by=(),
)
RULES = (MANIFESTS_ARE_READABLE,)
