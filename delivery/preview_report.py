"""Previews as text for people and as JSON for programs (described in docs/commands.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from delivery.changes import Action, Field, ObjectChange, Preview
from delivery.difference import ABSENT
from delivery.shown import shown_lines

_MARKS = {Action.CREATE: ("+", "green"), Action.UPDATE: ("~", "yellow"), Action.DELETE: ("-", "red")}
_VERBS = {Action.CREATE: "to create", Action.UPDATE: "to change", Action.DELETE: "to delete"}
_WHOLE_APP = 8  # from so many objects on, an app that appears or goes is told in one line
_ORIGIN_COLUMN = 56


def as_json(previews: Sequence[Preview], base: str | None) -> dict[str, Any]:
    """Everything, as plain data."""
    return {"base": base, "environments": [_environment(preview) for preview in previews]}


def as_text(previews: Sequence[Preview], base: str | None, seconds: float) -> Text:
    """Lines for people: an environment, then its changes."""
    text = Text()
    width = max((len(preview.name) for preview in previews), default=0)
    for preview in previews:
        _append_environment(text, preview, width)
    against = f"compared with {base[:10]}" if base else "compared with nothing: there is no commit"
    text.append(f"{against}   {seconds:.1f} s", style="dim")
    return text


def _append_environment(text: Text, preview: Preview, width: int) -> None:
    counts = Counter(change.action for change in preview.changes)
    summary = (
        ", ".join(f"{counts[action]} {_VERBS[action]}" for action in Action if counts[action]) or "no change"
    )
    apps = "  ".join(f"{app} {count}" for app, count in preview.apps.items())
    text.append(f"{preview.name:{width}}", style="bold")
    text.append(
        f"  {preview.tier or 'removed':10}  {sum(preview.kinds.values()):>4} objects: {apps or 'none'}   "
    )
    text.append(f"{summary}\n", style="bold" if preview.changes else "green")
    if preview.kinds:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(preview.kinds.items()))
        text.append(f"{'':{width}}  {kinds}\n", style="dim")
    for change in _told_singly(text, preview):
        _append_change(text, change)


def _told_singly(text: Text, preview: Preview) -> Iterator[ObjectChange]:
    """Tell apps that appear or go as a whole in one line each; yields the other changes."""
    whole: set[tuple[Action, str]] = set()
    for (action, app), count in Counter((change.action, change.app) for change in preview.changes).items():
        objects = preview.apps.get(app, 0) if action is Action.CREATE else count
        appears_or_goes = action is Action.CREATE or (action is Action.DELETE and app not in preview.apps)
        if appears_or_goes and count >= _WHOLE_APP and count == objects:
            whole.add((action, app))
            mark, style = _MARKS[action]
            text.append(f"  {mark} {app}: all of its {count} objects\n", style=style)
    yield from (change for change in preview.changes if (change.action, change.app) not in whole)


def _append_change(text: Text, change: ObjectChange) -> None:
    mark, style = _MARKS[change.action]
    restarts = (
        f"   restarts {change.restarts} {'pod' if change.restarts == 1 else 'pods'}"
        if change.restarts
        else ""
    )
    text.append(f"  {mark} {change.object}", style=style)
    text.append(f"{restarts}\n", style="magenta")
    for field in change.fields:
        _append_field(text, field)


def _append_field(text: Text, field: Field) -> None:
    text.append(f"      {field.change.path}\n")
    lines = list(shown_lines(field.change))
    for number, (mark, line) in enumerate(lines):
        is_last = number == len(lines) - 1 and mark == "+"
        _append_value(text, mark, line, field.origin if is_last else "")


def _append_value(text: Text, mark: str, value: str, origin: str) -> None:
    text.append(f"        {mark} ", style="green" if mark == "+" else "red")
    text.append(f"{value:{_ORIGIN_COLUMN}}  " if origin else value, style="green" if mark == "+" else "red")
    text.append(f"{origin}\n", style="dim")


def _environment(preview: Preview) -> dict[str, Any]:
    return {
        "name": preview.name,
        "tier": preview.tier or None,
        "objects": {"apps": dict(preview.apps), "kinds": dict(sorted(preview.kinds.items()))},
        "changes": [_change(change) for change in preview.changes],
    }


def _change(change: ObjectChange) -> dict[str, Any]:
    return {
        "action": change.action.value,
        "object": change.object,
        "app": change.app,
        "file": change.file,
        "restarts": change.restarts,
        "fields": [_field(field) for field in change.fields],
    }


def _field(field: Field) -> dict[str, Any]:
    """Describe a field; a side that is absent has no key, so that null stays what it is in Kubernetes."""
    value: dict[str, Any] = {"path": field.change.path}
    if field.change.old is not ABSENT:
        value["old"] = field.change.old
    if field.change.new is not ABSENT:
        value["new"] = field.change.new
        value["origin"] = field.origin
    return value
