"""One YAML file in, a tree of nodes out in which every key and value has its origin.

Scalars stay text: what a scalar means is decided by the type of the field that takes it, so that
`version: 1.10` and `country: no` are what they look like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from environments.faults import Fault
from environments.origin import Origin, Text

MAXIMUM_BYTES = 1024 * 1024
MAXIMUM_NODES = 100_000  # after aliases are followed: what stops an alias bomb
MAXIMUM_DEPTH = 64
NULLS = frozenset({"", "~", "null"})

_KNOWN_TAGS = frozenset({"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a layer, where it stands, and where its key stands."""

    value: Text | dict[str, Node] | list[Node] | None
    origin: Origin
    key: Origin
    plain: bool = False  # an unquoted scalar, which untyped places read as number, boolean or null


class DocumentError(Exception):
    """A file that cannot be read as one mapping; carries its faults."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, faults)))


class _Loader(yaml.CSafeLoader):
    """A loader that resolves no scalar: everything but mappings and lists is text."""


_Loader.yaml_implicit_resolvers = {}


def read_document(path: Path, name: str) -> Node:
    """Read the file at `path`, called `name` in origins; raises DocumentError with all its faults."""
    start = Origin(name, 1, 1)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(Fault(start, "", f"cannot be read: {error.strerror}")) from error
    if len(data) > MAXIMUM_BYTES:
        raise DocumentError(
            Fault(start, "", f"is {len(data):,} bytes; a layer holds at most {MAXIMUM_BYTES:,}")
        )
    return parse_document(data, name)


def parse_document(data: bytes, name: str) -> Node:
    """Parse the bytes of one layer; raises DocumentError with all its faults."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        fault = Fault(Origin(name, line, column), "", "is not UTF-8 here; save the file as UTF-8")
        raise DocumentError(fault) from error
    root = _compose(text, name)
    if root is None:
        raise DocumentError(
            Fault(Origin(name, 1, 1), "", "is empty; write at least one key, or delete the file")
        )
    reader = _Reader(name)
    node = reader.read(root, _origin(name, root), ())
    if reader.faults:
        raise DocumentError(*reader.faults)
    if not isinstance(node.value, dict):
        kind = "a list" if isinstance(node.value, list) else "a single value"
        raise DocumentError(Fault(node.origin, "", f"is {kind}; a layer is a mapping, key: value"))
    return node


def untyped(node: Node) -> Any:
    """Turn a node into plain data, unquoted scalars read by the core schema of YAML 1.2."""
    if isinstance(node.value, dict):
        return {key: untyped(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [untyped(child) for child in node.value]
    return node.value if node.value is None or not node.plain else _core_scalar(node.value)


def _core_scalar(text: Text) -> Any:
    if text in {"true", "false"}:
        return text == "true"
    if re.fullmatch(r"-?(0|[1-9][0-9]*)", text):
        return int(text)
    if re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        origin = Origin(name, mark.line + 1, mark.column + 1) if mark else Origin(name, 1, 1)
        raise DocumentError(Fault(origin, "", f"is not YAML: {error.problem or error.context}")) from error
    except yaml.YAMLError as error:
        raise DocumentError(
            Fault(Origin(name, 1, 1), "", f"is not YAML: {str(error).splitlines()[0]}")
        ) from error


def _origin(name: str, node: yaml.Node) -> Origin:
    return Origin(name, node.start_mark.line + 1, node.start_mark.column + 1)


class _Reader:
    """Turns composed nodes into ours; follows aliases, counts what it makes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self._made = 0

    def read(self, node: yaml.Node, key: Origin, path: tuple[str, ...]) -> Node:
        origin = _origin(self.name, node)
        self._made += 1
        if self._made > MAXIMUM_NODES or len(path) > MAXIMUM_DEPTH:
            what = (
                f"more than {MAXIMUM_NODES:,} values"
                if len(path) <= MAXIMUM_DEPTH
                else "a nesting without end"
            )
            raise DocumentError(Fault(origin, "", f"its aliases expand to {what}; write the values out"))
        if node.tag not in _KNOWN_TAGS:
            self.faults.append(Fault(origin, ".".join(path), f"the tag {node.tag} is not allowed in a layer"))
        if isinstance(node, yaml.MappingNode):
            return Node(self._mapping(node, path), origin, key)
        if isinstance(node, yaml.SequenceNode):
            items = [
                self.read(item, _origin(self.name, item), (*path, str(n)))
                for n, item in enumerate(node.value)
            ]
            return Node(items, origin, key)
        assert isinstance(node, yaml.ScalarNode)  # noqa: S101 there is no fourth kind
        plain = not node.style  # quoted and block scalars have a style
        if plain and node.value in NULLS:
            return Node(None, origin, key, plain=True)
        return Node(Text(node.value, origin), origin, key, plain=plain)

    def _mapping(self, node: yaml.MappingNode, path: tuple[str, ...]) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        for key, value in node.value:
            origin = _origin(self.name, key)
            problem = _key_problem(key, entries)
            if problem:
                self.faults.append(Fault(origin, ".".join(path), problem))
                continue
            entries[key.value] = self.read(value, origin, (*path, key.value))
        return entries


def _key_problem(key: yaml.Node, entries: dict[str, Node]) -> str:
    if not isinstance(key, yaml.ScalarNode):
        return "a key must be a single word, not a list or a mapping"
    if key.value == "<<" and not key.style:
        return (
            "merge keys (<<) are not supported; use an alias for a whole value, or `extends` for a whole file"
        )
    if key.value in entries:
        return (
            f"`{key.value}` stands twice here, first at line {entries[key.value].key.line}; keep one of them"
        )
    return ""
