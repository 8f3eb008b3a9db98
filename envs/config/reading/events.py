"""The events of a YAML parser in, nodes out; bounded in depth, in values and in text.

Scalars stay text: what a scalar means is decided by the type of the field that takes it, so that
`version: 1.10` and `country: no` are what they look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from envs.config.reading.faults import Fault, quoted
from envs.config.reading.origin import Origin, Text
from envs.config.reading.paths import Path, dotted
from envs.config.reading.syntax import syntax_problem

MAXIMUM_NODES = 100_000  # after aliases are followed: what stops an alias bomb
MAXIMUM_TEXT = 4 * 1024 * 1024  # characters, after aliases are followed
MAXIMUM_DEPTH = 64
NULLS = frozenset({"", "~", "null"})

_TAGS = {
    yaml.ScalarEvent: "tag:yaml.org,2002:str",
    yaml.MappingStartEvent: "tag:yaml.org,2002:map",
    yaml.SequenceStartEvent: "tag:yaml.org,2002:seq",
}


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a layer, where it stands, and where its key stands."""

    value: Text | dict[str, Node] | list[Node] | None
    origin: Origin
    key: Origin
    plain: bool = False  # an unquoted scalar, which untyped places read as number, boolean or null
    removed: Mapping[str, Node] = field(default_factory=dict)  # nulls by which layers removed what was below

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


class DocumentError(Exception):
    """A file that cannot be read as one mapping; carries its faults."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, faults)))


def read_events(text: str, name: str) -> Node | None:
    """Read the one document of a text; None where there is none. Raises DocumentError with its faults."""
    reader = _Reader(name, yaml.parse(text, Loader=yaml.CSafeLoader))
    try:
        node = reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        origin = Origin(name, mark.line + 1, mark.column + 1) if mark else Origin(name, 1, 1)
        fault = Fault(origin, "", f"is not YAML: {syntax_problem(error, text)}")
        raise DocumentError(*reader.faults, fault) from error
    except yaml.YAMLError as error:
        fault = Fault(Origin(name, 1, 1), "", f"is not YAML: {str(error).splitlines()[0]}")
        raise DocumentError(*reader.faults, fault) from error
    if reader.faults:
        raise DocumentError(*reader.faults)
    return node


def position_of(name: str, text: str, index: int | None) -> Origin:
    """Line and column of a character of a text; of its end where `index` is None."""
    lines = re.split("\r\n|\r|\n", text[:index])
    return Origin(name, len(lines), len(lines[-1]) + 1)


@dataclass(slots=True)
class _Anchor:
    """What an anchor names, and how much an alias to it adds; the node is None until it is complete."""

    origin: Origin
    node: Node | None = None
    nodes: int = 0
    text: int = 0


class _Reader:
    """Turns events into nodes; follows aliases, counts what it makes."""

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self.faults: list[Fault] = []
        self._name = name
        self._events = events
        self._anchors: dict[str, _Anchor] = {}
        self._nodes = 0
        self._text = 0

    def document(self) -> Node | None:
        next(self._events)  # the stream starts
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        event = next(self._events)
        node = self._value(event, self._origin(event), ())
        next(self._events)  # the document ends
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            message = (
                "a second document starts here; a layer is one document, put the other into its own file"
            )
            self.faults.append(Fault(self._origin(following), "", message))
        empty = (
            not isinstance(event, yaml.CollectionStartEvent)
            and event.start_mark.index == event.end_mark.index
        )
        return None if empty else node

    def _value(self, event: Any, key: Origin, path: Path) -> Node:
        origin = self._origin(event)
        if len(path) > MAXIMUM_DEPTH:
            raise DocumentError(Fault(origin, "", f"is nested more than {MAXIMUM_DEPTH} levels deep"))
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, key, origin, path)
        before = self._nodes, self._text
        anchor = self._anchor(event, origin, path)
        self._grow(origin, 1, len(event.value) if isinstance(event, yaml.ScalarEvent) else 0)
        self._check_tag(event, origin, path)
        node = self._content(event, origin, key, path)
        if anchor is not None:
            anchor.node, anchor.nodes, anchor.text = node, self._nodes - before[0], self._text - before[1]
        return node

    def _content(self, event: Any, origin: Origin, key: Origin, path: Path) -> Node:
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._mapping(path), origin, key)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self._sequence(path), origin, key)
        plain = not event.style and event.tag is None  # quoted and block scalars have a style
        if plain and event.value in NULLS:
            return Node(None, origin, key, plain=True)
        return Node(Text(event.value, origin), origin, key, plain=plain)

    def _sequence(self, path: Path) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, self._origin(event), (*path, str(len(items)))))
        return items

    def _mapping(self, path: Path) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            origin = self._origin(event)
            problem = _key_problem(event, entries)
            word = event.value if isinstance(event, yaml.ScalarEvent) else ""
            if problem:
                self.faults.append(Fault(origin, dotted(path), problem))
            if word and event.anchor is None:
                self._grow(origin, 1, len(word))
                self._check_tag(event, origin, path)
            else:  # knows the anchor of the key, or passes over what it holds
                self._value(event, origin, (*path, word))
            value = self._value(next(self._events), origin, (*path, word))
            if not problem:
                entries[word] = value
        return entries

    def _anchor(self, event: Any, origin: Origin, path: Path) -> _Anchor | None:
        if event.anchor is None:
            return None
        first = self._anchors.get(event.anchor)
        if first is not None:
            message = f"the anchor &{event.anchor} stands twice, first at line {first.origin.line}; rename one of them"
            self.faults.append(Fault(origin, dotted(path), message))
        self._anchors[event.anchor] = _Anchor(origin)
        return self._anchors[event.anchor]

    def _alias(self, event: Any, key: Origin, origin: Origin, path: Path) -> Node:
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            message = f"there is no anchor &{event.anchor} above; put the value in quotes if it is no alias"
        elif anchor.node is None:
            message = f"the alias *{event.anchor} stands within what it repeats, which would never end"
        else:
            self._grow(origin, anchor.nodes, anchor.text)
            return replace(anchor.node, key=key)
        self.faults.append(Fault(origin, dotted(path), message))
        return Node(None, origin, key)

    def _grow(self, origin: Origin, nodes: int, text: int) -> None:
        self._nodes += nodes
        self._text += text
        if self._nodes > MAXIMUM_NODES or self._text > MAXIMUM_TEXT:
            most = f"{MAXIMUM_NODES:,} values or {MAXIMUM_TEXT:,} characters"
            raise DocumentError(
                Fault(origin, "", f"grows to more than {most} once its aliases are followed; split the file")
            )

    def _check_tag(self, event: Any, origin: Origin, path: Path) -> None:
        if event.tag not in {None, "!", _TAGS[type(event)]}:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            message = (
                f"the tag {quoted(tag)} is not supported; delete it, each field knows the type of its value"
            )
            self.faults.append(Fault(origin, dotted(path), message))

    def _origin(self, event: Any) -> Origin:
        return Origin(self._name, event.start_mark.line + 1, event.start_mark.column + 1)


def _key_problem(key: Any, entries: dict[str, Node]) -> str:
    if not isinstance(key, yaml.ScalarEvent):
        return "a key must be a single word, not a list, a mapping or an alias"
    if key.value == "<<" and not key.style:
        return (
            "merge keys (<<) are not supported; use an alias for a whole value, or `extends` for a whole file"
        )
    if key.value in entries:
        first = entries[key.value].key.line
        return f"`{key.value}` stands twice here, first at line {first}; keep one of them"
    return ""
