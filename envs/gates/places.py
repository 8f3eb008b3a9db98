"""Finds where in the layers the values of an environment's objects were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.objects.manifest import Manifest
from envs.config.validation.validate import place
from kube.yaml.origin import origin_of
from kube.yaml.tree import Node
from policies.subject import Subject, nearest, steps


class Places:
    """The places of the values of the objects that one merged tree makes."""

    def __init__(self, tree: Node, manifests: Sequence[Manifest]) -> None:
        self._tree = tree
        self._made = {id(manifest.object): manifest for manifest in manifests}

    def origin(self, subject: Subject, path: str) -> str | None:
        """Place of the value itself where it came from a layer, else of what the object was made from."""
        written = origin_of(nearest(subject.manifest, path))
        if written is not None:
            return str(written)
        manifest = self._made.get(id(subject.manifest))
        if manifest is None:
            return None
        for node in self._verbatim(manifest):
            found = _follow(node, steps(path))
            if found is not node:
                return str(found.key)
        return str(place(self._tree, manifest.source))

    def _verbatim(self, manifest: Manifest) -> Iterator[Node]:
        """Yield what layers write of an object as it is: the patch of it, or all of it."""
        node = _child(self._tree, manifest.source)
        if node is None or manifest.typed:
            return
        if manifest.source[2:3] == ("manifests",):
            yield node
        for key, patch in _entries(node.child("patch")):
            if key in {manifest.kind, f"{manifest.kind}/{manifest.name}"}:
                yield patch


def _child(tree: Node, path: Sequence[str]) -> Node | None:
    node: Node | None = tree
    for wanted in path:
        node = node.child(wanted) if node is not None else None
    return node


def _follow(node: Node, path: Sequence[str]) -> Node:
    """Follow a path as far as it leads; entries of lists go by their name or their number."""
    for wanted in path:
        below = _named(node.value, wanted) if isinstance(node.value, list) else node.child(wanted)
        if below is None:
            return node
        node = below
    return node


def _named(entries: Sequence[Node], wanted: str) -> Node | None:
    for number, entry in enumerate(entries):
        name = entry.child("name")
        if wanted == (str(name.value) if name is not None else str(number)):
            return entry
    return None


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    value: Any = node.value if node is not None else None
    yield from value.items() if isinstance(value, Mapping) else ()
