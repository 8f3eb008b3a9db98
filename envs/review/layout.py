"""Groups of changes in, lines for people out: what happens to what, then each field with its origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from envs.review.grouping import Group, GroupedChange, Lines, SharedField
from kube.kinds import plural

STYLES: Mapping[str, str] = {"+": "green", "-": "red", "~": "yellow"}
SHOWN = 3  # of many names
_INLINE = 60  # longest field, with both values, that is shown in one line
_MOST_LINES = 12  # of one value
_REPLACED = ("-", "+")


def names(all_names: Sequence[str]) -> str:
    """Name the first few and count the others."""
    unique = list(dict.fromkeys(all_names))
    more = f" and {len(unique) - SHOWN:,} more" if len(unique) > SHOWN else ""
    return f"{', '.join(unique[:SHOWN])}{more}"


def append_group(text: Text, group: Group, lead: str, style: str) -> None:
    """Append what happens to the objects of a group: a line that starts with `lead`, and their fields."""
    text.append(f"{lead} {_title(group.changes)}", style=style)
    if group.first.note:
        text.append(f"  {group.first.note}")
    pods = sum(change.restarts for change in group.changes)
    if pods:
        text.append(f"   restarts {pods:,} {'pod' if pods == 1 else 'pods'}", style="magenta")
    text.append("\n")
    indent = " " * (len(lead) - len(lead.lstrip()) + 4)
    for field in group.fields:
        _append_field(text, field, indent, len(group.changes))


def _title(changes: Sequence[GroupedChange]) -> str:
    first = changes[0]
    if not first.kind:
        return _apps(changes)
    if len(changes) == 1:
        return f"{first.kind}/{first.name}"
    return f"{len(changes):,} {_plural(first.kind)}: {names([change.name for change in changes])}"


def _apps(changes: Sequence[GroupedChange]) -> str:
    apps = [change.name for change in changes]
    objects = sum(change.objects for change in changes)
    if len(set(apps)) == 1:
        return f"{apps[0]}: all of its {objects:,} objects"
    return f"{len(set(apps)):,} apps with all of their {objects:,} objects: {names(apps)}"


def _plural(kind: str) -> str:
    resource = plural(kind)
    return f"{kind[: -len('y')]}ies" if resource.endswith("ies") else f"{kind}{resource[len(kind) :]}"


def _append_field(text: Text, field: SharedField, indent: str, objects: int) -> None:
    marks = tuple(mark for mark, _ in field.lines)
    text.append(indent)
    if len(marks) == 1:
        text.append(f"{marks[0]} ", style=STYLES[marks[0]])
    text.append(field.path)
    if field.variants > 1:
        text.append(f": {field.variants:,} different values in {objects:,} objects, such as")
    elif field.lines:
        text.append(":")
    if len(field.lines) == 1 or (marks == _REPLACED and _fits(field)):
        _append_inline(text, field.lines)
    else:
        _append_lines(text, field.lines, indent)
    if field.origins:
        others = len(field.origins) - 1
        more = f" and {others:,} other {'place' if others == 1 else 'places'}" if others else ""
        text.append(f"  {field.origins[0]}{more}", style="dim")
    text.append("\n")


def _fits(field: SharedField) -> bool:
    return len(field.path) + sum(len(value) for _, value in field.lines) <= _INLINE


def _append_inline(text: Text, lines: Lines) -> None:
    for number, (mark, value) in enumerate(lines):
        text.append(" -> " if number else " ")
        text.append(value, style=STYLES[mark])


def _append_lines(text: Text, lines: Lines, indent: str) -> None:
    shown = lines if len(lines) <= _MOST_LINES else lines[: _MOST_LINES - 1]
    for mark, value in shown:
        text.append(f"\n{indent}  {mark} {value}", style=STYLES[mark])
    if len(shown) < len(lines):
        text.append(f"\n{indent}  and {len(lines) - len(shown):,} more lines", style="dim")
