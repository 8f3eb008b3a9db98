"""Text of YAML in, its objects and the places of their values out, as Kubernetes reads them; bounded."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import yaml

from policies.subject import Manifest, steps

MERGE = "tag:yaml.org,2002:merge"
DEEPEST = 100  # levels; the parser recurses in C, and a text of brackets alone would end the process
LARGEST_EXPANSION = 1_000_000  # nodes of one document, aliases counted each time they are used


class UnreadableError(ValueError):
    """What cannot be read, as file:line:column: why and what to do."""


class _Loader(yaml.CSafeLoader):
    """Read as Kubernetes does: no dates, and no key twice (sigs.k8s.io/yaml, strict)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Take keys as texts, and none twice: the reader sees one value, the cluster gets the other."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _fault("a key must be a text", key)
            if key.tag == MERGE:
                continue
            if key.value in seen:
                raise _fault(f'the key "{key.value}" stands twice', key)
            seen.add(key.value)
            key.tag = self.DEFAULT_SCALAR_TAG
        return super().construct_mapping(node, deep=deep)


def _fault(problem: str, node: Any) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Document:
    """One YAML document of a file: its object, and on demand the places of its values."""

    file: str
    content: str = field(repr=False)
    number: int
    manifest: Manifest

    @cached_property
    def _node(self) -> yaml.Node | None:
        for number, node in enumerate(yaml.compose_all(self.content, _Loader)):
            if number == self.number:
                return node
        return None

    def place(self, path: str) -> str:
        """File, line and column of a value, or of the nearest part of its path that is there."""
        node, mark = self._node, self._node.start_mark if self._node else None
        for wanted in steps(path):
            found = _child(node, wanted)
            if found is None:
                break
            node, mark = found
        return self.file if mark is None else f"{self.file}:{mark.line + 1}:{mark.column + 1}"


def _child(node: yaml.Node | None, wanted: str) -> tuple[yaml.Node, yaml.Mark] | None:
    """Follow one step: a key, a number, or the name of an entry."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == wanted:
                return value, key.start_mark
    elif isinstance(node, yaml.SequenceNode):
        for number, entry in enumerate(node.value):
            if str(number) == wanted or _name(entry) == wanted:
                return entry, entry.start_mark
    return None


def _name(node: yaml.Node) -> str | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "name" and isinstance(value, yaml.ScalarNode):
                return str(value.value)
    return None


def parse(content: str, file: str) -> list[Document]:
    """Parse the documents of one file; empty ones are left out."""
    try:
        _bound_nesting(content)
        loaded = list(yaml.load_all(content, _Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise UnreadableError(
            f"{file}{where}: {error.problem or error.context}; this is not YAML that Kubernetes takes"
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UnreadableError(
            f"{file}: {_first_line(error)}; this is not YAML that Kubernetes takes"
        ) from error
    documents = []
    for number, value in enumerate(loaded):
        if value is None:
            continue
        if not isinstance(value, dict):
            raise UnreadableError(
                f"{file}: document {number + 1} is no object; an object has apiVersion and kind"
            )
        if "*" in content:
            _bound(value, file)
        documents.append(Document(file, content, number, value))
    return documents


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


# Block style of so many levels needs lines that begin with at least half as many of these.
_DEEP_BLOCK = re.compile(rf"^[ ?:-]{{{DEEPEST // 2},}}", re.MULTILINE)


def _bound_nesting(content: str) -> None:
    """Refuse deep nesting event by event, which is flat, but only where the text could be deep."""
    if content.count("[") + content.count("{") <= DEEPEST and not _DEEP_BLOCK.search(content):
        return
    depth = 0
    for event in yaml.parse(content, yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _fault(f"this is nested deeper than {DEEPEST} levels", event)


def _bound(value: Any, file: str) -> None:
    """Refuse aliases that make much out of little."""
    left, stack = LARGEST_EXPANSION, [value]
    while stack:
        node = stack.pop()
        left -= 1
        if left < 0:
            raise UnreadableError(
                f"{file}: its aliases expand beyond {LARGEST_EXPANSION} values; write fewer"
            )
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
