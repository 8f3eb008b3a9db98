"""Two plain objects in, the fields that differ out; named items of lists are compared by their name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


class Absent:
    """The value of a field that is not there."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()

# Keys by which Kubernetes itself merges lists, most telling first.
# Source: the x-kubernetes-list-map-keys of its OpenAPI document.
_NAMES = ("name", "mountPath", "containerPort", "port", "topologyKey", "key", "type")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs; either side may be ABSENT."""

    path: str
    old: Any
    new: Any


def differences(old: Any, new: Any, path: str = "") -> Iterator[FieldChange]:
    """Find the deepest fields in which two values differ; what appears or goes is told leaf by leaf."""
    old, new = _opposite(old, new), _opposite(new, old)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), _join(path, str(key)))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_differences(old, new, path)
    elif not _same(old, new):
        yield FieldChange(path, old, new)


def _opposite(value: Any, other: Any) -> Any:
    """Stand in for what is absent opposite a mapping or list that holds something."""
    if value is ABSENT and isinstance(other, Mapping | list) and other:
        return {} if isinstance(other, Mapping) else []
    return value


def _same(old: Any, new: Any) -> bool:
    """Compare by value; a string with an origin is the string, while true is not 1."""
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    return bool(old == new)


def _list_differences(old: list[Any], new: list[Any], path: str) -> Iterator[FieldChange]:
    before = dict(zip(_labels(old), old, strict=True))
    after = dict(zip(_labels(new), new, strict=True))
    for label in [*before, *(label for label in after if label not in before)]:
        yield from differences(before.get(label, ABSENT), after.get(label, ABSENT), f"{path}[{label}]")


def _labels(items: list[Any]) -> list[str]:
    """Names of the items of a list, where each has one of its own; else scalars themselves; else positions."""
    for key in _NAMES:
        names = [str(item[key]) for item in items if isinstance(item, Mapping) and key in item]
        if len(names) == len(items) and len(set(names)) == len(names):
            return names
    if all(isinstance(item, str | int) for item in items) and len({*map(str, items)}) == len(items):
        return [str(item) for item in items]
    return [str(number) for number in range(len(items))]


def _join(path: str, key: str) -> str:
    if "." in key or "/" in key:
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key
