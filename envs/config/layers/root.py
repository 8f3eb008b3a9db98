"""All layers of a root, merged into a tree for each environment that is wanted, with their faults."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from envs.config.layers.apps import read_apps, stray_folders
from envs.config.layers.chain import chains
from envs.config.layers.defaults import OwnFields, default_places, with_defaults
from envs.config.layers.folder import Folder, layer_of, read_folder
from envs.config.layers.neighbours import Outlines, neighbours, outlines
from envs.config.layers.releases import misplaced_releases
from envs.config.layers.stacks import Stack, stack_of, tree_of
from envs.config.layers.unused import unused_layers
from envs.config.model.fields import is_label
from kube.yaml.faults import Fault
from kube.yaml.paths import dotted
from kube.yaml.tree import Node


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of a root; `stacks` and `trees` hold the environments that could be merged."""

    root: Path
    folder: Folder
    chains: dict[str, list[str]]
    asked: list[str]
    """Environments that were asked for; all of them if none was named."""
    near: list[str]
    """Further ones that may share a cluster with them."""
    faults: list[Fault]
    """All faults of files and chains."""
    of_chains: dict[str, list[Fault]]
    """Faults of chains, by the layer that cannot be followed."""
    outlines: Outlines
    """Tier, cluster and promotes of environments, those that were not asked for included."""
    own: OwnFields
    """Fields of the root's own components, by kind."""
    stacks: dict[str, Stack] = field(default_factory=dict)
    trees: dict[str, Node] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """All environments that are known, whether they were read or not."""
        return list(dict.fromkeys([*self.folder.environments, *self.near]))

    def documents(self) -> Iterator[Node]:
        """Yield all that was read, files that several environments share once."""
        nodes = [*self.folder.documents.values(), *self.folder.apps.values()]
        releases = [
            stack[-1] for stack in self.stacks.values()
        ]  # or the strongest layer, where there are none
        yield from {id(node): node for node in [*nodes, *releases]}.values()

    def faults_of(self, name: str, further: Iterable[Fault] = ()) -> list[Fault]:
        """List the faults of the files that an environment is merged from, and of what belongs to no layer."""
        files = {name, *self.chains.get(name, ())}
        if "base" not in self.folder.documents:
            files.add("base")  # a base with the wrong name would be missed by everybody
        concerned = {None, *files}
        found = (fault for fault in (*self.faults, *further) if layer_of(fault.origin.file) in concerned)
        return list(dict.fromkeys([*self.of_chains.get(name, ()), *found]))

    def in_defaults(self, name: str, faults: list[Fault]) -> list[Fault]:
        """Call a value of `defaults` by its own path, not by that of each app which it applies to."""
        places = default_places(self.stacks[name]) if faults else {}
        return [
            replace(fault, path=dotted(places[fault.origin])) if fault.origin in places else fault
            for fault in faults
        ]


def read_layers(root: Path, names: Collection[str] | None, own: OwnFields) -> Layers:
    """Read and merge the layers of some environments and of those that may share a cluster with them, or of all.

    `own` has the fields of the root's own components, which `defaults` may set.
    """
    faults: list[Fault] = []
    folder = read_folder(root, faults)
    of_chains: dict[str, list[Fault]] = {}
    chained = chains(folder, of_chains)
    faults += [fault for found in of_chains.values() for fault in found]
    faults += [*misplaced_releases(folder), *unused_layers(folder, chained), *stray_folders(folder)]
    asked = [*folder.environments, *sorted(folder.broken)]
    if names is not None:
        asked = [name for name in asked if name in names]
    known = outlines(folder, chained)
    near = [] if names is None else neighbours(folder, known, asked)
    layers = Layers(root, folder, chained, asked, near, faults, of_chains, known, own)
    for name in [*asked, *near]:
        _stack(layers, name)
    return layers


def _stack(layers: Layers, name: str) -> None:
    """Merge one environment; one with a broken layer or name is left out."""
    chain, folder = layers.chains.get(name, []), layers.folder
    read_apps(folder, chain, layers.faults)
    if chain and is_label(name) and not folder.broken & {*chain}:
        stack = with_defaults(stack_of(folder, name, chain, layers.faults), layers.own, layers.faults)
        layers.stacks[name] = stack
        layers.trees[name] = tree_of(name, stack)
