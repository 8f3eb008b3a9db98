"""Shows a changed field to people: shortened, and without control characters."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from kube.difference import ABSENT, FieldChange
from kube.yaml.faults import printable

_LONGEST = 96
_LEAD = 24  # characters of a common start that are kept before the first difference
_PARTS = 2


def shown_lines(change: FieldChange) -> Iterator[tuple[str, str]]:
    """Yield lines with their mark, - or +; multi-line texts are compared line by line, other values as a whole."""
    sides = [side for side in (change.old, change.new) if side is not ABSENT]
    if any(isinstance(side, str) and "\n" in side for side in sides):
        marked = list(_changed_lines(change))
    else:
        pairs = (("-", change.old), ("+", change.new))
        marked = [(mark, _text(side)) for mark, side in pairs if side is not ABSENT]
        if len({text for _, text in marked}) < len(marked):  # the text "80" and the number 80
            marked = [(mark, json.dumps(side)) for mark, side in pairs]
    skipped = _common_start(marked)
    for mark, text in marked:
        yield mark, printable(f"…{text[skipped:]}" if skipped else text, _LONGEST)


def _changed_lines(change: FieldChange) -> Iterator[tuple[str, str]]:
    old, new = _lines(change.old), _lines(change.new)
    compared = list(difflib.unified_diff(old, new, n=0, lineterm=""))[2:]
    yield from ((line[0], line[1:]) for line in compared if not line.startswith("@@"))
    if not compared:
        yield from (("-", json.dumps(change.old)), ("+", json.dumps(change.new)))


def _lines(value: Any) -> list[str]:
    if value is ABSENT:
        return []
    return value.splitlines() if isinstance(value, str) else [_text(value)]


def _common_start(marked: list[tuple[str, str]]) -> int:
    """Count the characters to omit where one long text replaces another with the same start."""
    texts = [text for _, text in marked]
    if len(texts) != _PARTS or max(map(len, texts)) <= _LONGEST:
        return 0
    same = zip(*texts, strict=False)
    common = next((place for place, (old, new) in enumerate(same) if old != new), min(map(len, texts)))
    return max(0, common - _LEAD)


def _text(value: Any) -> str:
    """Show a value as YAML would, without unnecessary quotes."""
    if isinstance(value, str):
        return str(value) if value and value == value.strip() else json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, Mapping | list | bool):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
