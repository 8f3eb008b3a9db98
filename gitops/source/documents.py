"""Text of a YAML or JSON file in; its documents as plain values with their lines, or its faults, out.

YAML is read as kubectl reads it: dates and times of day stay text, and keys must be text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.constructor import ConstructorError

from gitops.errors import Fault
from gitops.settings import RunLimits

_DEPTH = 100  # levels of nesting
_BRACKETS = re.compile(r"[\[\]{}]")
_INDENTED = re.compile(rf"^[ \t?:-]{{{_DEPTH},}}", re.MULTILINE)
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class Document:
    """One document of a file, as plain JSON values."""

    file: str
    line: int
    value: Any


class _Loader(yaml.CSafeLoader):
    """The C parser with the resolvers of Kubernetes' reader and an error for duplicate keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        merges = any(key.tag == _MERGE for key, _ in node.value)
        mapping = super().construct_mapping(node, deep=deep)
        if not merges and len(mapping) != len(node.value):
            raise ConstructorError(None, None, f"duplicate key {_duplicate(node)}", node.start_mark)
        for key in mapping:
            if type(key) is not str:
                problem = f"the key {key!r} is not text; put it in quotes"
                raise ConstructorError(None, None, problem, node.start_mark)
        return mapping


def _construct_map(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    return loader.construct_mapping(node, deep=True)


def _refuse(_loader: _Loader, node: yaml.Node) -> None:
    raise ConstructorError(None, None, f"the tag {node.tag} is not plain YAML", node.start_mark)


def _resolvers() -> dict[str | None, list[tuple[str, re.Pattern[str]]]]:
    """PyYAML's resolvers without dates, and with numbers that know no sexagesimal notation."""
    dropped = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
    kept = {
        first: [(tag, pattern) for tag, pattern in pairs if tag not in dropped]
        for first, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }
    integer = re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)\Z")
    number = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
    for first in "-+0123456789.":
        kept[first] = [
            *kept.get(first, []),
            ("tag:yaml.org,2002:int", integer),
            ("tag:yaml.org,2002:float", number),
        ]
    return kept


def _construct_int(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node)).replace("_", "")
    digits = text.lstrip("+-")
    if digits.startswith("0") and digits.isdigit() and len(digits) > 1:
        text = text.replace(digits, "0o" + digits[1:])
    return int(text, 0)


def _construct_float(loader: _Loader, node: yaml.ScalarNode) -> float:
    return float(str(loader.construct_scalar(node)))


_Loader.yaml_implicit_resolvers = _resolvers()
_Loader.add_constructor("tag:yaml.org,2002:map", _construct_map)
_Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _construct_float)
for _name in ("binary", "timestamp", "omap", "pairs", "set"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_name}", _refuse)


def _duplicate(node: yaml.MappingNode) -> str:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            return f"{key.value} (line {key.start_mark.line + 1})"
        seen.add(key.value)
    return "in this mapping"


def read(file: str, content: bytes, limits: RunLimits) -> tuple[list[Document], list[Fault]]:
    """Split a file into documents; a fault in one document hides the rest of its file only."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [Fault(file, content.count(b"\n", 0, error.start) + 1, "is not UTF-8 text")]
    documents: list[Document] = []
    try:
        _bound_nesting(text)
        aliases = "&" in text and "*" in text
        for node in _nodes(text):
            if aliases:
                _bound(node, limits)
            value = _value(node)
            if value is not None:
                documents.append(Document(file, node.start_mark.line + 1, value))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, (error.context, error.problem)))
        return documents, [
            Fault(file, mark.line + 1 if mark else 0, f"is not YAML that can be applied: {problem}")
        ]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return documents, [Fault(file, 0, f"is not YAML that can be applied: {error}")]
    return documents, []


def _nodes(text: str) -> Iterator[Any]:
    loader = _Loader(text)
    try:
        while loader.check_node():
            yield loader.get_node()
    finally:
        loader.dispose()


def _value(node: Any) -> Any:
    constructor = _Loader("")
    try:
        return constructor.construct_document(node)
    finally:
        constructor.dispose()


def _bound_nesting(text: str) -> None:
    """Refuse deep nesting before the parser meets it: it recurses in C and would end the whole job."""
    if not _INDENTED.search(text) and not _deep_brackets(text):
        return
    depth = 0
    event: Any
    for event in yaml.parse(text, yaml.CSafeLoader):  # flat, and only for text that looks deep
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH:
            raise ConstructorError(None, None, f"is nested deeper than {_DEPTH} levels", event.start_mark)


def _deep_brackets(text: str) -> bool:
    if text.count("[") + text.count("{") <= _DEPTH:
        return False
    depth = 0
    for bracket in _BRACKETS.findall(text):
        depth += 1 if bracket in "[{" else -1
        if depth > _DEPTH:
            return True
    return False


def _bound(node: Any, limits: RunLimits) -> None:
    """Refuse what is nested too deeply, refers to itself or expands aliases beyond the limit of bytes."""
    sizes: dict[int, int] = {}

    def size(node: Any, depth: int) -> int:
        if depth > _DEPTH:
            problem = f"is nested deeper than {_DEPTH} levels, or refers to itself"
            raise ConstructorError(None, None, problem, node.start_mark)
        if id(node) not in sizes:
            sizes[id(node)] = 1 + sum(size(child, depth + 1) for child in _children(node))
        return sizes[id(node)]

    if size(node, 0) > limits.bytes // 64:
        raise ConstructorError(None, None, "expands its aliases to too large a document", node.start_mark)


def _children(node: Any) -> list[Any]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
