"""Merges layers, weakest first: mappings are merged, lists are replaced, null removes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from envs.config.reading.events import DocumentError, Node
from envs.config.reading.faults import Fault, printable, suggestion
from envs.config.reading.origin import Origin
from envs.config.reading.paths import Path

NOWHERE = Origin("", 0, 0)

_MANIFEST = len(("apps", "<app>", "manifests"))
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
    return Node(merged, last.origin, last.key)


def _without_nulls(node: Node, path: Path) -> Node:
    if not isinstance(node.value, dict) or _is_patch(path):
        return node
    kept = {
        key: _without_nulls(child, (*path, key))
        for key, child in node.value.items()
        if child.value is not None
    }
    return Node(kept, node.origin, node.key)


def is_verbatim(path: Path) -> bool:
    """Whether the value at `path` is part of a verbatim Kubernetes object."""
    return path[:1] == ("apps",) and (
        (path[2:3] == ("manifests",) and len(path) > _MANIFEST) or _is_patch(path)
    )


def _is_patch(path: Path) -> bool:
    # In a JSON merge patch null is a value: it removes a field of the rendered object (RFC 7386).
    return len(path) > _PATCH and (path[0], path[2], path[4]) == ("apps", "workloads", "patch")


def unwritten(entries: dict[str, Node]) -> Node:
    """Make a mapping that is in no file itself; merged, it does not replace an origin."""
    return Node(entries, NOWHERE, NOWHERE)


def chain(name: str, documents: Mapping[str, Node], broken: Collection[str] = ()) -> list[str]:
    """Return the names of the layers of `name`, weakest first; a `broken` one ends the chain.

    Raises DocumentError for an `extends` that names no file, is not a name, or is circular.
    """
    names = [name]
    while names[0] not in broken:
        parent = _extends(names[0], documents, broken)
        if parent is None:
            break
        word, origin = parent
        if word in names:
            circle = " -> ".join([*reversed(names[: names.index(word) + 1]), word])
            raise DocumentError(Fault(origin, "extends", f"is circular: {circle}; delete one `extends`"))
        if word not in documents and word not in broken:
            hint = suggestion(word, (known for known in documents if known != names[0]))
            raise DocumentError(
                Fault(origin, "extends", f"there is no layer {printable(word, 60)}.yaml{hint}")
            )
        names.insert(0, word)
    return names


def _extends(name: str, documents: Mapping[str, Node], broken: Collection[str]) -> tuple[str, Origin] | None:
    document = documents[name]
    node = document.child("extends")
    if node is None or node.value is None:
        exists = "base" in documents or "base" in broken
        return ("base", document.origin) if name != "base" and exists else None
    if not isinstance(node.value, str):
        raise DocumentError(
            Fault(node.origin, "extends", "is not the name of a layer; write it like `extends: base`")
        )
    return node.value.removesuffix(".yaml"), node.origin
