"""Changes of single objects in, groups of objects that change alike out, so that one decision reads as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

_FEW = 3  # objects of a kind that are only created or deleted: shown one by one
_MOST_WAYS = (
    6  # as many ways in which objects of a kind change the same fields are shown; more are shown as one
)

_Value = TypeVar("_Value")
Lines = tuple[tuple[str, str], ...]
"""A value as people read it: lines with their mark, - or +."""


@dataclass(frozen=True, slots=True)
class GroupedField:
    """A field that changes."""

    path: str
    lines: Lines
    origin: str = ""


@dataclass(frozen=True, slots=True)
class GroupedChange:
    """What happens to one object, or to an app as a whole."""

    action: str
    kind: str
    """Kind of the object; empty for an app."""
    name: str
    """Name with its namespace."""
    environment: str
    fields: tuple[GroupedField, ...] = ()
    note: str = ""
    restarts: int = 0
    """Pods that are replaced."""
    objects: int = 1
    """Objects that it stands for."""


@dataclass(frozen=True, slots=True)
class SharedField:
    """A field that changes in all objects of a group."""

    path: str
    lines: Lines
    """What becomes of it in the first object, and in all of them if there is one variant."""
    variants: int
    """How many different changes of the value there are."""
    origins: tuple[str, ...]
    """Where the new values are written, each place once."""


@dataclass(frozen=True, slots=True)
class Group:
    """Objects of one kind to which the same happens."""

    changes: tuple[GroupedChange, ...]
    fields: tuple[SharedField, ...]

    @property
    def first(self) -> GroupedChange:
        """The change that stands for all."""
        return self.changes[0]

    @property
    def environments(self) -> tuple[str, ...]:
        """Environments in which it happens, in their order."""
        return tuple(dict.fromkeys(change.environment for change in self.changes))


def grouped(changes: Iterable[GroupedChange]) -> list[Group]:
    """Group equal changes, in the order of the first of each."""
    alike = _by(changes, lambda change: (*_shape(change), tuple(field.lines for field in change.fields)))
    ways = _by(alike, lambda group: _shape(group[0]))
    found: list[Group] = []
    for several in ways:
        found += _told(several)
    return found


def _told(ways: list[list[GroupedChange]]) -> Iterator[Group]:
    """Tell objects whose fields change in many ways as one group, and few that only appear or go one by one."""
    if len(ways) > _MOST_WAYS:
        ways = [[change for group in ways for change in group]]
    for changes in ways:
        if len(changes) <= _FEW and not changes[0].fields:
            yield from (Group((change,), ()) for change in changes)
        else:
            yield Group(tuple(changes), tuple(_shared(changes)))


def _shared(changes: Sequence[GroupedChange]) -> Iterator[SharedField]:
    for number, field in enumerate(changes[0].fields):
        same = [change.fields[number] for change in changes]
        is_one = len({each.path for each in same}) == 1
        yield SharedField(
            path=field.path if is_one else _general(field.path, changes[0]),
            lines=field.lines,
            variants=len({each.lines for each in same}),
            origins=tuple(dict.fromkeys(each.origin for each in same if each.origin)),
        )


def _shape(change: GroupedChange) -> tuple[Hashable, ...]:
    paths = tuple(_general(field.path, change) for field in change.fields)
    return change.action, change.kind, change.note, paths


def _general(path: str, change: GroupedChange) -> str:
    """Write a path without the name of its object, which containers and volumes often share."""
    return path.replace(f"[{change.name.rpartition('/')[2]}]", "[*]")


def _by(values: Iterable[_Value], key: Callable[[_Value], Hashable]) -> list[list[_Value]]:
    groups: dict[Hashable, list[_Value]] = defaultdict(list)
    for value in values:
        groups[key(value)].append(value)
    return list(groups.values())
