"""Writes previews as text for people and as JSON for programs (described in docs/commands.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from envs.config.reading.faults import printable
from envs.review.changes import Action, Field, ObjectChange, Preview
from envs.review.values import shown_lines
from kube.difference import ABSENT
from policies.context import Level
from policies.rule import Finding

_MARKS = {Action.CREATE: ("+", "green"), Action.UPDATE: ("~", "yellow"), Action.DELETE: ("-", "red")}
_VERBS = {Action.CREATE: "to create", Action.UPDATE: "to change", Action.DELETE: "to delete"}
_WHOLE_APP = 8  # from this many objects on, an app that is created or deleted is shown in one line
_ORIGIN_COLUMN = 56
_LONGEST_NAME = 300


def as_json(previews: Sequence[Preview], findings: Sequence[Finding], base: str | None) -> dict[str, Any]:
    """Return everything as plain data."""
    counts = Counter(finding.level for finding in findings)
    return {
        "base": base,
        "environments": [_environment(preview) for preview in previews],
        "findings": {level.value: counts[level] for level in Level},
    }


def as_text(
    previews: Sequence[Preview], findings: Sequence[Finding], base: str | None, seconds: float
) -> Text:
    """Write lines for people: each environment, then its changes."""
    text = Text()
    width = max((len(preview.name) for preview in previews), default=0)
    for preview in previews:
        _append_environment(text, preview, width)
    counts = Counter(finding.level for finding in findings)
    found = " and ".join(f"{counts[level]} {level}" for level in Level) if findings else "0"
    text.append(f"policies: {found} findings", style="bold red" if findings else "green")
    text.append("; `envs check` shows them   " if findings else "   ")
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
    """Show apps that are created or deleted as a whole in one line each; yield the other changes."""
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
    text.append(f"  {mark} {printable(change.object, _LONGEST_NAME)}", style=style)
    text.append(f"{restarts}\n", style="magenta")
    for field in change.fields:
        if not _is_said_by_others(field, change.fields):
            _append_field(text, field)


def _is_said_by_others(field: Field, fields: Sequence[Field]) -> bool:
    """Whether a field only names an added or deleted item, which the paths of its other fields name, too."""
    sides = [side for side in (field.change.old, field.change.new) if side is not ABSENT]
    item = field.change.path.rpartition(".")[0]
    return (
        len(sides) == 1
        and item.endswith(f"[{sides[0]}]")
        and any(other is not field and other.change.path.startswith(f"{item}.") for other in fields)
    )


def _append_field(text: Text, field: Field) -> None:
    text.append(f"      {printable(field.change.path, _LONGEST_NAME)}\n")
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
    """Describe a field; a side that is absent has no key, so that it differs from null."""
    value: dict[str, Any] = {"path": field.change.path}
    if field.change.old is not ABSENT:
        value["old"] = field.change.old
    if field.change.new is not ABSENT:
        value["new"] = field.change.new
        value["origin"] = field.origin
    return value
