"""Files of YAML in, their objects and the places of their values out; faults with file, line, column."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import yaml

from policies.manifest import Manifest, Subject, steps, subjects

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from pathlib import Path

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
LARGEST_FILE = 16 * 1024 * 1024
LARGEST_EXPANSION = 1_000_000  # nodes of one document, aliases counted each time they are used


class UnreadableError(ValueError):
    """What cannot be read, as file:line:column: why and what to do."""


class _Loader(yaml.CSafeLoader):
    """Read as Kubernetes does: no dates, and no key twice (sigs.k8s.io/yaml, strict)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a key that stands twice: the reader sees one value, the cluster gets the other."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(
                    None, None, f'the key "{key.value}" stands twice', key.start_mark
                )
            seen.add(key.value if isinstance(key.value, str) else str(key.start_mark))
        return super().construct_mapping(node, deep=deep)


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


@dataclass(frozen=True)
class Reading:
    """Everything that was read, and the place of each object."""

    subjects: list[Subject]
    _documents: dict[int, Document] = field(repr=False)

    def origin(self, subject: Subject, path: str) -> str | None:
        """File, line and column of a value of one of these objects."""
        document = self._documents.get(id(subject))
        return document.place(f"{subject.prefix}{path}") if document else None


def read(path: Path) -> Reading:
    """Read a file, or all YAML and JSON files beneath a folder; raises UnreadableError naming every fault."""
    files = list(_files(path))
    if not files:
        raise UnreadableError(
            f"{path}: there is no YAML or JSON file here; name a file or a folder that has one"
        )
    opened: list[Subject] = []
    documents: dict[int, Document] = {}
    faults = []
    for file in files:
        try:
            for document in parse(_content(file), str(file)):
                for subject in subjects(document.manifest):
                    opened.append(subject)
                    documents[id(subject)] = document
        except UnreadableError as error:
            faults.append(str(error))
    if faults:
        raise UnreadableError("\n".join(faults))
    return Reading(opened, documents)


def parse(content: str, file: str) -> list[Document]:
    """Parse the documents of one file; empty ones are left out."""
    try:
        loaded = list(yaml.load_all(content, _Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise UnreadableError(
            f"{file}{where}: {error.problem or error.context}; this is not YAML that Kubernetes takes"
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UnreadableError(
            f"{file}: {error or type(error).__name__}; this is not YAML that Kubernetes takes"
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


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(
            entry
            for entry in path.rglob("*")
            if entry.suffix in SUFFIXES and entry.is_file() and not entry.is_symlink()
        )
    elif path.exists():
        yield path
    else:
        raise UnreadableError(f"{path}: there is no such file or folder")


def _content(file: Path) -> str:
    try:
        size = file.stat().st_size
        if size > LARGEST_FILE:
            raise UnreadableError(f"{file}: {size} bytes; at most {LARGEST_FILE} are read")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    except OSError as error:
        raise UnreadableError(f"{file}: {error.strerror}") from error
