"""Merges layers, weakest first: mappings are merged, lists are replaced, null removes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kube.yaml.origin import Origin
from kube.yaml.paths import Path
from kube.yaml.tree import Node

NOWHERE = Origin("", 0, 0)

_MANIFEST = len(("apps", "<app>", "manifests"))
_AFFINITY = ("placement", "affinity")
_PATCH = len(("apps", "<app>", "workloads", "<workload>", "patch"))


def merge(layers: Iterable[Node]) -> Node:
    """Merge layers, weakest first; the result keeps the origin of every value."""
    tree: Node | None = None
    for layer in layers:
        tree = layer if tree is None else _merge(tree, layer, ())
    if tree is None:
        raise ValueError("there is no layer to merge")
    return _without_nulls(tree, ())


def _merge(weak: Node, strong: Node, path: Path) -> Node:
    if not isinstance(weak.value, dict) or not isinstance(strong.value, dict):
        return strong
    merged = dict(weak.value)
    for key, node in strong.value.items():
        merged[key] = _merge(merged[key], node, (*path, key)) if key in merged else node
    last = weak if strong.origin == NOWHERE else strong
    return replace(last, value=merged)


def _without_nulls(node: Node, path: Path) -> Node:
    if not isinstance(node.value, dict) or keeps_nulls(path):
        return node
    kept, removed, same = {}, {}, not node.removed
    for key, child in node.value.items():
        if child.value is None:
            removed[key] = child
        else:
            kept[key] = _without_nulls(child, (*path, key))
            same = same and kept[key] is child
    return node if same and not removed else replace(node, value=kept, removed=removed)


def is_verbatim(path: Path) -> bool:
    """Whether the value at `path` is part of a verbatim Kubernetes object."""
    if len(path) <= _MANIFEST or path[0] != "apps":  # most of them
        return False
    return path[2] == "manifests" or (path[2] == "workloads" and path[4:6] == _AFFINITY) or keeps_nulls(path)


def keeps_nulls(path: Path) -> bool:
    """Whether null is a value at `path`: in a JSON merge patch it removes a field of the object (RFC 7386)."""
    return len(path) > _PATCH and (path[0], path[2], path[4]) == ("apps", "workloads", "patch")


def unwritten(entries: dict[str, Node]) -> Node:
    """Make a mapping that is in no file itself; merged, it does not replace an origin."""
    return Node(entries, NOWHERE, NOWHERE)
