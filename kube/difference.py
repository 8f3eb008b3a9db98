"""Two plain objects in, the fields that differ out; items of lists are paired as Kubernetes merges them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Place = tuple[str | int, ...]
"""A way into a value: names in mappings, positions in lists."""


class Absent:
    """The value of an absent field."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()

# Keys by which Kubernetes itself merges lists, most telling first.
# Source: the x-kubernetes-list-map-keys of its OpenAPI document.
_KEYS = ("name", "mountPath", "containerPort", "port", "topologyKey", "key", "type")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs; either side may be ABSENT. Paths hold names and positions, never values."""

    path: str
    old: Any
    new: Any
    place: Place = field(default=(), compare=False, kw_only=True)
    """Where it is in the old value, with positions in lists; as far as the old value reaches."""


class Paired(NamedTuple):
    """The items of two lists by the value of their merge key."""

    key: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]


def differences(
    old: Any, new: Any, path: str = "", place: Place = (), *, whole: bool = False
) -> Iterator[FieldChange]:
    """Find the deepest fields in which two values differ.

    Added and removed values are reported leaf by leaf, or with `whole` in one change.
    """
    if not whole:
        old, new = _opposite(old, new), _opposite(new, old)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            here = _join(path, str(key))
            below = (*place, str(key))
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), here, below, whole=whole)
    elif isinstance(old, list) and isinstance(new, list):
        for label, position, before, after in _items(old, new):
            below = place if before is ABSENT else (*place, position)
            yield from differences(before, after, f"{path}[{label}]", below, whole=whole)
    elif not same(old, new):
        yield FieldChange(path, old, new, place=place)


def same(old: Any, new: Any) -> bool:
    """Compare by value; a string with an origin equals the string, but true does not equal 1."""
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    return bool(old == new)


def paired(old: list[Any], new: list[Any]) -> Paired | None:
    """Pair the mappings of two lists by the first merge key that tells all of them apart."""
    for key in _KEYS:
        before, after = _by_key(old, key), _by_key(new, key)
        if len(before) == len(old) and len(after) == len(new):
            return Paired(key, before, after)
    return None


def _opposite(value: Any, other: Any) -> Any:
    """Replace an absent side opposite a mapping or list that is not empty."""
    if value is ABSENT and isinstance(other, Mapping | list) and other:
        return {} if isinstance(other, Mapping) else []
    return value


def _items(old: list[Any], new: list[Any]) -> Iterator[tuple[str, int, Any, Any]]:
    """Pair the items of two lists by a merge key, else by their position; with the position in the old list."""
    if pairs := paired(old, new):
        for position, label in enumerate(
            [*pairs.old, *(each for each in pairs.new if each not in pairs.old)]
        ):
            yield label, position, pairs.old.get(label, ABSENT), pairs.new.get(label, ABSENT)
        return
    # Between what both lists start and end with, so that one item more or less moves no other.
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    for position in range(start, max(len(old), len(new)) - end):
        yield str(position), position, _item(old, position, end), _item(new, position, end)


def _alike(old: list[Any], new: list[Any]) -> int:
    """Count the items that two lists start with alike."""
    unlike = (position for position, pair in enumerate(zip(old, new, strict=False)) if not _identical(*pair))
    return next(unlike, min(len(old), len(new)))


def _identical(old: Any, new: Any) -> bool:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(_identical(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_identical, old, new))
    return same(old, new)


def _item(items: list[Any], position: int, end: int) -> Any:
    return items[position] if position < len(items) - end else ABSENT


def _by_key(items: list[Any], key: str) -> dict[str, Any]:
    return {str(item[key]): item for item in items if isinstance(item, Mapping) and key in item}


def _join(path: str, key: str) -> str:
    if "." in key or "/" in key:
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key
