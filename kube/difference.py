"""Compares two plain objects field by field; named items of lists are compared by their name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any


class Absent:
    """The value of an absent field."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()

# Keys by which Kubernetes itself merges lists, most telling first.
# Source: the x-kubernetes-list-map-keys of its OpenAPI document.
_NAMES = ("name", "mountPath", "containerPort", "port", "topologyKey", "key", "type")


Naming = Callable[[Any], str | None]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs; either side may be ABSENT."""

    path: str
    old: Any
    new: Any


def differences(old: Any, new: Any, path: str = "") -> Iterator[FieldChange]:
    """Find the deepest fields in which two values differ; what is added or removed is listed leaf by leaf."""
    old, new = _opposite(old, new), _opposite(new, old)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), _join(path, str(key)))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_differences(old, new, path)
    elif not _same(old, new):
        yield FieldChange(path, old, new)


def _opposite(value: Any, other: Any) -> Any:
    """Replace an absent side opposite a mapping or list that is not empty."""
    if value is ABSENT and isinstance(other, Mapping | list) and other:
        return {} if isinstance(other, Mapping) else []
    return value


def _same(old: Any, new: Any) -> bool:
    """Compare by value; a string with an origin equals the string, but true does not equal 1."""
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    return bool(old == new)


def _list_differences(old: list[Any], new: list[Any], path: str) -> Iterator[FieldChange]:
    before, after = _labelled(old, new)
    for label in [*before, *(label for label in after if label not in before)]:
        yield from differences(before.get(label, ABSENT), after.get(label, ABSENT), f"{path}[{label}]")


def _labelled(old: list[Any], new: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Name the items of two lists in the same way: by a key, by their values, or by their positions."""
    namings: list[Naming] = [*(partial(_item_name, key) for key in _NAMES), _scalar_name]
    for name in namings:
        before, after = _by_name(old, name), _by_name(new, name)
        if len(before) == len(old) and len(after) == len(new):
            return before, after
    return {str(n): item for n, item in enumerate(old)}, {str(n): item for n, item in enumerate(new)}


def _by_name(items: list[Any], name: Naming) -> dict[str, Any]:
    return {label: item for item in items if (label := name(item)) is not None}


def _item_name(key: str, item: Any) -> str | None:
    return str(item[key]) if isinstance(item, Mapping) and key in item else None


def _scalar_name(item: Any) -> str | None:
    return str(item) if isinstance(item, str | int) else None


def _join(path: str, key: str) -> str:
    if "." in key or "/" in key:
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key
