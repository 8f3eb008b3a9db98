"""The rules, one noun per file; a new file must be listed here."""

from policies.rule import EnvironmentRule, ObjectRule, PodRule, Rule
from policies.rules import (
    accounts,
    baseline,
    containers,
    credentials,
    exemptions,
    images,
    isolation,
    jobs,
    kinds,
    manifests,
    namespaces,
    rbac,
    releases,
    restricted,
    schema,
    services,
)

RULES: tuple[Rule, ...] = (
    *images.RULES,
    *releases.RULES,
    *baseline.RULES,
    *restricted.RULES,
    *containers.RULES,
    *jobs.RULES,
    *accounts.RULES,
    *rbac.RULES,
    *services.RULES,
    *isolation.RULES,
    *credentials.RULES,
    *manifests.RULES,
    *schema.RULES,
    *kinds.RULES,
    *namespaces.RULES,
    *exemptions.RULES,
)
POD_RULES = tuple(rule for rule in RULES if isinstance(rule, PodRule))
OBJECT_RULES = tuple(rule for rule in RULES if isinstance(rule, ObjectRule))
ENVIRONMENT_RULES = tuple(rule for rule in RULES if isinstance(rule, EnvironmentRule))
RULES_BY_ID = {rule.id: rule for rule in RULES}
