"""Compares two versions of an object, and masks values that look secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SECRET = re.compile(r"pass(word|wd|phrase)?|token|secret|credential|api.?key|private.?key", re.IGNORECASE)
_LONGEST = 200
MASK = "***"


@dataclass(frozen=True)
class Difference:
    """A field and its values, as JSON; an absent one is empty."""

    path: str
    before: str
    after: str


_ABSENT = object()


def differences(before: Any, after: Any) -> list[Difference]:
    """Compare two objects; items of lists are named by their name where they have one."""
    return [
        Difference(path, _text(path, old), _text(path, new))
        for path, old, new in _walk("", before, after, "")
    ]


def _walk(path: str, before: Any, after: Any, hint: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        name = str(after.get("name", before.get("name", "")))
        for key in sorted({*before, *after}):
            old, new = before.get(key, _ABSENT), after.get(key, _ABSENT)
            yield from _walk(f"{path}.{key}" if path else key, old, new, name)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _walk_lists(path, before, after)
    elif type(before) is not type(after) or before != after:
        masked = _SECRET.search(hint) and path.endswith(".value")
        yield (path, MASK if masked and before is not _ABSENT else before, MASK if masked else after)


def _walk_lists(path: str, before: list[Any], after: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    old, new = _named(before), _named(after)
    for name in [*old, *(name for name in new if name not in old)]:
        yield from _walk(f"{path}[{name}]", old.get(name, _ABSENT), new.get(name, _ABSENT), name)


def _named(items: list[Any]) -> dict[str, Any]:
    names = [item.get("name") if isinstance(item, dict) else None for item in items]
    if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
        return dict(zip((str(name) for name in names), items, strict=True))
    return {str(position): item for position, item in enumerate(items)}


def _text(path: str, value: Any) -> str:
    if value is _ABSENT:
        return ""
    if _SECRET.search(path.rpartition(".")[2]):
        return MASK
    text = json.dumps(_masked(value), ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _masked(value: Any) -> Any:
    """Mask inside a value that is added or removed as a whole."""
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if not isinstance(value, dict):
        return value
    secret = _SECRET.search(str(value.get("name", "")))
    return {
        key: MASK if _SECRET.search(key) or (secret and key == "value") else _masked(item)
        for key, item in value.items()
    }
