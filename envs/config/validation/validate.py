"""Validates a merged tree into a typed Environment; faults point into the layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from envs.config.layers.merge import is_verbatim
from envs.config.model.environment import Environment
from envs.config.reading.faults import ConfigurationError
from envs.config.validation.messages import fault_of
from envs.config.validation.verbatim import untyped, verbatim_faults
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin
from kube.yaml.paths import Path
from kube.yaml.tree import Node


def validate_all(trees: Mapping[str, Node], faults: Mapping[str, list[Fault]]) -> dict[str, Environment]:
    """Check merged trees against the model; `faults` collects by environment what is wrong with each.

    Those that do not fit the model are left out.
    """
    environments = {}
    for name, tree in trees.items():
        faults[name].extend(verbatim_faults(tree))
        try:
            environments[name] = validate(tree)
        except ConfigurationError as error:
            faults[name].extend(error.faults)
    return environments


def validate(tree: Node) -> Environment:
    """Check a merged tree against the model; raises ConfigurationError with all faults."""
    try:
        return Environment.model_validate(_plain(tree, ()))
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise ConfigurationError(fault_of(tree, each) for each in details) from error


def place(tree: Node, path: tuple[Any, ...]) -> Origin:
    """Where the value at a path stands; for a mapping, where its key stands; for one that a null removed, the null.

    Steps that the layers do not contain are skipped: short forms, defaults.
    """
    node = tree
    for step in path:
        node = node.child(step) or node.removed.get(str(step)) or node
    return node.place


def _plain(node: Node, path: Path) -> Any:
    if is_verbatim(path):
        return untyped(node)
    if isinstance(node.value, dict):
        return {key: _plain(child, (*path, key)) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child, (*path, "*")) for child in node.value]
    return node.value
