"""A file of YAML as a tree of nodes in which every key and value knows its place.

Scalars stay text: what a scalar means is decided by the type of the field that takes it, so that
`version: 1.10` and `country: no` are what they look like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from kube.yaml.compose import ReadLimits, compose, place_of
from kube.yaml.faults import DocumentError, Fault
from kube.yaml.origin import Origin, Text
from kube.yaml.source import SourceText
from kube.yaml.structure import Structure

NULLS = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file, where it is written, and where its key is."""

    value: Text | dict[str, Node] | list[Node] | None
    origin: Origin
    key: Origin
    plain: bool = False  # an unquoted scalar, which untyped places read as number, boolean or null
    plain_key: bool = False  # its key is unquoted
    removed: Mapping[str, Node] = field(default_factory=dict)
    """Nulls by which layers removed what was below."""

    @property
    def place(self) -> Origin:
        """Where a reader looks for it: at the key of a mapping, else at the value."""
        return self.key if isinstance(self.value, dict) else self.origin

    def child(self, step: object) -> Node | None:
        """Return the node below a key or a number, None where there is none."""
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and str(step).isdecimal() and int(str(step)) < len(self.value):
            return self.value[int(str(step))]
        return None

    def text(self, *path: str) -> str | None:
        """Return the text at a path below; None where there is none."""
        node: Node | None = self
        for step in path:
            node = node.child(step) if node is not None else None
        return str(node.value) if node is not None and isinstance(node.value, str) else None


def read_tree(source: SourceText, limits: ReadLimits) -> Node | None:
    """Read the one document of a file; None where it is empty. Raises DocumentError with its faults."""
    root: Any = None
    faults: list[Fault] = []
    structure = Structure(source, limits)
    for number, found in enumerate(compose(source, limits)):
        if number:
            message = "a second document starts here; only one is read, put the other into its own file"
            raise DocumentError(*faults, Fault(place_of(source, found.start_mark), "", message))
        root = found
        faults += structure.faults(root)
    if faults:
        raise DocumentError(*faults)
    if root is None or root.start_mark.index == root.end_mark.index:
        return None
    return _node(source, root, place_of(source, root.start_mark))


def _node(source: SourceText, node: Any, key: Origin, *, plain_key: bool = False) -> Node:
    origin = place_of(source, node.start_mark)
    if type(node) is yaml.MappingNode:
        entries = {
            word.value: _node(source, item, place_of(source, word.start_mark), plain_key=word.tag is None)
            for word, item in node.value
        }
        return Node(entries, origin, key, plain=False, plain_key=plain_key)
    if type(node) is yaml.SequenceNode:
        items = [_node(source, item, place_of(source, item.start_mark)) for item in node.value]
        return Node(items, origin, key, plain=False, plain_key=plain_key)
    plain = node.tag is None
    value = None if plain and node.value in NULLS else Text(node.value, origin)
    return Node(value, origin, key, plain=plain, plain_key=plain_key)
