"""Loads the folder `environments/` of a root into typed and checked environments, or reports every fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from envs.config.checks.consistency import consistency_faults
from envs.config.checks.credentials import credentials
from envs.config.checks.sharing import shared_faults
from envs.config.content import ContentReader
from envs.config.layers.chain import chains
from envs.config.layers.folder import FOLDER, read_folder
from envs.config.layers.releases import misplaced_releases
from envs.config.layers.stacks import Stack, stacks, tree_of
from envs.config.layers.unused import unused_layers
from envs.config.model.environment import Environment
from envs.config.promotion import promotion_order
from envs.config.reading.faults import ConfigurationError, suggestion
from envs.config.validation.validate import place, validate_all
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin
from kube.yaml.tree import Node


@dataclass(frozen=True, slots=True)
class Configuration:
    """All environments of a root, with what origins and components need besides the typed values."""

    root: Path
    environments: Mapping[str, Environment]
    """Typed environments, in the order of promotion."""
    trees: Mapping[str, Node]
    contents: Mapping[str, bytes]
    """Bytes of the files that the environments name, by their path below the root."""
    layers: Mapping[str, Stack]
    """What each environment is merged from, weakest first; its releases come last."""

    def environment(self, name: str) -> Environment:
        """Return the environment of that name; raises ConfigurationError with a suggestion."""
        if name not in self.environments:
            known = ", ".join(self.environments) or "none"
            hint = suggestion(name, self.environments)
            origin = Origin(f"{FOLDER}/{name}.yaml", 1, 1)
            raise ConfigurationError(
                [Fault(origin, "", f"there is no such environment (there are {known}){hint}")]
            )
        return self.environments[name]


def load(root: Path) -> Configuration:
    """Read, merge and check all layers below `root`; raises ConfigurationError with all faults of all files."""
    faults: list[Fault] = []
    folder = read_folder(root, faults)
    chained = chains(folder, faults)
    faults += [*misplaced_releases(folder), *unused_layers(folder, chained)]
    stacked = stacks(folder, chained, faults)
    trees = {name: tree_of(name, stack) for name, stack in stacked.items()}
    environments = validate_all(trees, faults)
    contents = _check(root, environments, trees, faults)
    secret = credentials(
        [*folder.documents.values(), *(layer for stack in stacked.values() for layer in stack)]
    )
    if faults or secret:
        hidden = {fault.origin for fault in secret}  # what is secret is quoted in no message
        raise ConfigurationError([*secret, *(fault for fault in faults if fault.origin not in hidden)])
    ordered = {name: environments[name] for name in promotion_order(environments)}
    return Configuration(root, ordered, trees, contents, stacked)


def _check(
    root: Path, environments: Mapping[str, Environment], trees: Mapping[str, Node], faults: list[Fault]
) -> Mapping[str, bytes]:
    """Check typed environments, each for itself and then together; returns the files that they name."""
    reader = ContentReader(root)
    for name, environment in environments.items():
        faults += consistency_faults(environment, partial(place, trees[name]))
        faults += reader.read(environment, partial(place, trees[name]))
    if not faults:  # environments are checked against each other once each of them is valid
        faults += shared_faults(environments, lambda name: partial(place, trees[name]))
    return reader.contents
