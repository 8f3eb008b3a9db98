"""What each environment is merged from, and the tree that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from envs.config.layers.folder import Folder
from envs.config.layers.merge import merge
from envs.config.layers.releases import with_releases
from kube.yaml.faults import Fault
from kube.yaml.origin import Text
from kube.yaml.tree import Node

Stack = tuple[Node, ...]
"""Layers of one environment, weakest first; its releases come last."""

OF_ONE_ENVIRONMENT = ("tier", "cluster", "promotes")
"""What an environment says of itself alone, whoever extends it."""


def stack_of(folder: Folder, name: str, chain: Sequence[str], faults: list[Fault]) -> Stack:
    """Stack the layers of an environment: for each its file, then its apps' files, and the releases at the end."""
    return with_releases(folder, name, list(_layers(folder, name, chain)), faults)


def _layers(folder: Folder, name: str, chain: Sequence[str]) -> Iterator[Node]:
    for layer in chain:
        yield document_of(folder, name, layer)
        apps = folder.apps.get(layer)
        if apps is not None and apps.value:
            yield apps


def document_of(folder: Folder, name: str, layer: str) -> Node:
    """Return what a layer's own file gives to the environment `name`."""
    document = folder.documents[layer]
    if layer == name or not folder.is_environment(layer) or not isinstance(document.value, dict):
        return document
    kept = {key: node for key, node in document.value.items() if key not in OF_ONE_ENVIRONMENT}
    return replace(document, value=kept)


def tree_of(name: str, stack: Iterable[Node]) -> Node:
    """Merge the layers of an environment; its name is that of its file, and what only shapes it is done with."""
    tree = merge(stack)
    entries = dict(tree.value) if isinstance(tree.value, dict) else {}
    for key in ("extends", "defaults"):
        entries.pop(key, None)
    entries["name"] = Node(Text(name, tree.origin), tree.origin, tree.origin)
    return Node(entries, tree.origin, tree.key, removed=tree.removed)
