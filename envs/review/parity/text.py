"""Parity as lines for people, and as data for programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from envs.review.grouping import GroupedChange, GroupedField, grouped
from envs.review.layout import STYLES, append_group, names
from envs.review.parity.compare import Difference
from envs.review.parity.judge import Pair, Parity
from envs.review.values import shown_lines
from kube.difference import ABSENT
from kube.yaml.faults import printable

_LONGEST = 120
_MOST = 40  # differences with lines of their own


def as_text(found: Parity, *, with_declared: bool) -> Text:
    """Lines for people: what nobody declared, with both values and places; then what was declared and why."""
    text = Text()
    for each in found.undeclared[:_MOST]:
        text.append(f"{printable(each.difference.path, 300)}", style="bold red")
        text.append(f"  {_between(each.pairs)}\n")
        for side, value in enumerate((each.difference.field.old, each.difference.field.new)):
            name = each.pairs[0][side]
            origin = each.difference.origins[side]
            text.append(f"  {name}: {_shown(value)}")
            text.append(f"  {origin}\n" if origin else "\n", style="dim")
    if len(found.undeclared) > _MOST:
        text.append(f"and {len(found.undeclared) - _MOST:,} more\n", style="dim")
    for declaration, count in found.declared.items():
        if not count:
            text.append(
                f"{declaration.origin}: {declaration}: nothing differs there; remove it\n", style="yellow"
            )
        elif with_declared:
            text.append(f"{declaration}", style="green")
            text.append(
                f"  {count:,} {'difference' if count == 1 else 'differences'}: {declaration.because}\n"
            )
    return text.append(_summary(found), style="bold red" if found.undeclared else "green")


def _summary(found: Parity) -> str:
    declared = sum(found.declared.values())
    undeclared = sum(len(each.pairs) for each in found.undeclared)
    return f"{undeclared:,} undeclared and {declared:,} declared differences"


def _between(pairs: tuple[Pair, ...]) -> str:
    return names([f"{one} and {other}" for one, other in pairs])


def _shown(value: object) -> str:
    return "absent" if value is ABSENT else printable(str(value), _LONGEST)


def as_json(found: Parity) -> dict[str, Any]:
    """Return everything as plain data."""
    return {
        "undeclared": [
            {**_difference(each.difference), "between": [list(pair) for pair in each.pairs]}
            for each in found.undeclared
        ],
        "declared": [
            {"glob": each.glob, "because": each.because, "origin": str(each.origin), "differences": count}
            for each, count in found.declared.items()
        ],
    }


def _difference(difference: Difference) -> Mapping[str, Any]:
    sides = {"left": difference.field.old, "right": difference.field.new}
    values = {side: value for side, value in sides.items() if value is not ABSENT}
    return {"path": difference.path, **values, "origins": list(difference.origins)}


def differences_as_json(found: Sequence[Difference]) -> list[Mapping[str, Any]]:
    """Return the differences of two environments as plain data."""
    return list(map(_difference, found))


def differences_as_text(found: Sequence[Difference], one: str, other: str) -> Text:
    """Lines for people: what the second environment has instead of the first, equal differences once."""
    text = Text()
    for group in grouped(_changes(found)):
        append_group(text, group, f"  {group.first.action}", STYLES[group.first.action])
    count = f"{len(found):,} {'difference' if len(found) == 1 else 'differences'}"
    return text.append(f"{other} compared with {one}, names of environments aside: {count}", style="dim")


def _changes(found: Sequence[Difference]) -> Iterator[GroupedChange]:
    by_object: dict[tuple[str, str, str], list[Difference]] = defaultdict(list)
    for each in found:
        by_object[each.app, each.kind, each.name].append(each)
    for (app, kind, name), several in by_object.items():
        title = f"{app}/{name}" if kind else app
        first = several[0].field
        if not first.path:
            yield GroupedChange("+" if first.old is ABSENT else "-", kind or "App", title, "")
            continue
        fields = tuple(
            GroupedField(each.field.path, tuple(shown_lines(each.field)), _origin(each)) for each in several
        )
        yield GroupedChange("~", kind, title, "", fields)


def _origin(difference: Difference) -> str:
    return " | ".join(dict.fromkeys(origin for origin in difference.origins if origin))
