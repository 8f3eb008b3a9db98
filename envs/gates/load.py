"""The layers of a root loaded for a gate: what they say to the policies is checked with the rules themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from envs.config import load as layers
from envs.config.load import Configuration
from envs.config.reading.faults import ConfigurationError, suggestion
from kube.yaml.faults import Fault
from kube.yaml.paths import dotted
from kube.yaml.tree import Node
from policies.context import Level, Tier
from policies.rule import Rule
from policies.rules import RULES_BY_ID

LIST = "docs/policies.md lists the rules"


def load(root: Path, names: Collection[str] | None = None) -> Configuration:
    """Load the layers below `root`, all of them or those of some environments and their neighbours.

    Raises ConfigurationError with all faults of those that are asked for, the ones of `policies.levels` included.
    """
    configuration = layers.load(root, names)
    asked = [name for name in configuration.environments if names is None or name in names]
    faults = [fault for name in asked for fault in _level_faults(configuration, name)]
    if faults:
        raise ConfigurationError(faults)
    return configuration


def load_sound(root: Path) -> tuple[Configuration, list[Fault]]:
    """Load the environments without a fault, and list all faults; those with one are in `unread`."""
    configuration, faults = layers.load_sound(root)
    wrong = {name: list(_level_faults(configuration, name)) for name in configuration.environments}
    return configuration.without(wrong), [
        *faults,
        *(fault for several in wrong.values() for fault in several),
    ]


def _level_faults(configuration: Configuration, name: str) -> Iterator[Fault]:
    """Find levels that name no rule, or that the rule cannot have in this environment."""
    environment = configuration.environments[name]
    tier = Tier(environment.tier)
    for rule_id, level in environment.policies.levels.items():
        path = ("policies", "levels", rule_id)
        node = _node(configuration.trees[name], path)
        rule = RULES_BY_ID.get(rule_id)
        if rule is None:
            message = f"there is no rule {rule_id}; {LIST}{suggestion(rule_id, RULES_BY_ID)}"
            yield Fault(node.key, dotted(path), message)
        elif not rule.allows(Level(level), tier):
            yield Fault(node.place, dotted(path), _refusal(rule, name, tier))


def _refusal(rule: Rule, name: str, tier: Tier) -> str:
    if rule.relaxable and tier is Tier.PRODUCTION:
        return f"{name} is a production environment, where no rule can be lowered; set it in test environments only"
    return f"this rule cannot be lowered; {LIST} and marks those that test environments can lower"


def _node(tree: Node, path: tuple[str, ...]) -> Node:
    node = tree
    for step in path:
        node = node.child(step) or node
    return node
