"""The rules, one noun per file; a new file must be listed here."""

from policies.rule import EnvironmentRule, ObjectRule, PodRule, Rule
from policies.rules import (
    accounts,
    baseline,
    containers,
    credentials,
    exemptions,
    flows,
    gates,
    hosts,
    images,
    isolation,
    jobs,
    kinds,
    labels,
    manifests,
    namespaces,
    rbac,
    releases,
    restricted,
    schema,
    services,
    sysctls,
)

RULES: tuple[Rule, ...] = (
    *images.RULES,
    *releases.RULES,
    *baseline.RULES,
    *restricted.RULES,
    *sysctls.RULES,
    *containers.RULES,
    *jobs.RULES,
    *accounts.RULES,
    *rbac.RULES,
    *gates.RULES,
    *services.RULES,
    *hosts.RULES,
    *flows.RULES,
    *labels.RULES,
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
OBJECT_RULES_BY_KIND = {
    kind: tuple(rule for rule in OBJECT_RULES if kind in rule.kinds)
    for kind in frozenset().union(*(rule.kinds for rule in OBJECT_RULES))
}
ENVIRONMENT_RULES = tuple(rule for rule in RULES if isinstance(rule, EnvironmentRule))
RULES_BY_ID = {rule.id: rule for rule in RULES}
