"""What each environment is merged from, and the tree that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from envs.config.layers.folder import Folder
from envs.config.layers.merge import merge
from envs.config.layers.releases import with_releases
from envs.config.model.fields import is_label
from kube.yaml.faults import Fault
from kube.yaml.origin import Text
from kube.yaml.tree import Node

Stack = tuple[Node, ...]
"""Layers of one environment, weakest first; its releases come last."""


def stacks(folder: Folder, chains: Mapping[str, Sequence[str]], faults: list[Fault]) -> dict[str, Stack]:
    """Stack the layers of each environment; those with a broken layer or name are left out."""
    found = {}
    for name in folder.environments:
        chain = chains.get(name, ())
        if chain and is_label(name) and not folder.broken & set(chain):
            layers = [folder.documents[layer] for layer in chain]
            found[name] = with_releases(folder, name, layers, faults)
    return found


def tree_of(name: str, stack: Iterable[Node]) -> Node:
    """Merge the layers of an environment; its name is that of its file, and what it extends is done with."""
    tree = merge(stack)
    entries = dict(tree.value) if isinstance(tree.value, dict) else {}
    entries.pop("extends", None)
    entries["name"] = Node(Text(name, tree.origin), tree.origin, tree.origin)
    return Node(entries, tree.origin, tree.key, removed=tree.removed)
