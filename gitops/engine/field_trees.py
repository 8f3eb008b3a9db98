"""Takes the fields of some managers out of an object, in one walk along FieldsV1.

A run that has nothing to do asks this for every object whose status a controller has written, so it is worth a walk
that copies only what it changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from gitops.objects import Body

_ITSELF = "."  # marks, in a set with members below it, that the value itself is a member


def stripped(value: Any, members: Sequence[Body], kept: Sequence[Body]) -> Any:
    """Return a value without the members of some sets; those that contain a kept field stay."""
    removed: list[str | int] = []
    changed: dict[str | int, Any] = {}
    for place, ours in _below(value, members).items():
        item = value[place]
        held = _below(value, kept).get(place, [])
        if any(_is_member(fields) for fields in ours) and not any(_exists(item, each) for each in held):
            removed.append(place)
        elif (rest := stripped(item, ours, held)) is not item:
            changed[place] = rest
    if not removed and not changed:
        return value
    if isinstance(value, dict):
        return {name: changed.get(name, item) for name, item in value.items() if name not in removed}
    return [changed.get(index, item) for index, item in enumerate(value) if index not in removed]


def _below(value: Any, sets: Sequence[Body]) -> dict[str | int, list[Body]]:
    """Group what sets say of the entries of a value by their place in it."""
    found: dict[str | int, list[Body]] = {}
    for fields in sets:
        for place, below in _entries(value, fields):
            found.setdefault(place, []).append(below)
    return found


def _entries(value: Any, fields: Body) -> Iterator[tuple[str | int, Body]]:
    for step, below in fields.items():
        if step != _ITSELF and (place := step_in(value, step)) is not None:
            yield place, below


def _is_member(fields: Body) -> bool:
    return not fields or _ITSELF in fields


def _exists(value: Any, fields: Body) -> bool:
    """Tell whether a value has a field of a set."""
    return _is_member(fields) or any(_exists(value[place], below) for place, below in _entries(value, fields))


def step_in(value: Any, step: str) -> str | int | None:
    """Find the name or the position to which one step leads in a value; None if it leads nowhere."""
    kind, rest = step[:2], step[2:]
    if kind == "f:":
        return rest if isinstance(value, dict) and rest in value else None
    if not isinstance(value, list):
        return None
    if kind == "i:":
        return int(rest) if int(rest) < len(value) else None
    wanted = json.loads(rest)
    for position, item in enumerate(value):
        same = item == wanted if kind == "v:" else _has_keys(item, wanted)
        if same:
            return position
    return None


def _has_keys(item: Any, keys: Body) -> bool:
    return isinstance(item, dict) and all(item.get(name) == value for name, value in keys.items())
