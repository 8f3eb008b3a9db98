"""Previews as text for people: what changes in each environment, then what changes alike in several."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from rich.text import Text

from envs.review.changes import Field, ObjectAction, ObjectChange, Preview
from envs.review.expressions import is_long_expression, size
from envs.review.grouping import Group, GroupedChange, GroupedField, Lines, grouped
from envs.review.layout import STYLES, append_group, names
from envs.review.meaning.statement import Told
from envs.review.meaning.text import append_meaning
from envs.review.values import shown_lines
from kube.difference import ABSENT, FieldChange
from kube.yaml.faults import printable
from policies.context import Level
from policies.rule import Finding

_MARKS = {
    ObjectAction.CREATE: "+",
    ObjectAction.UPDATE: "~",
    ObjectAction.RENAME: "~",
    ObjectAction.DELETE: "-",
}
_VERBS = {
    ObjectAction.CREATE: "to create",
    ObjectAction.UPDATE: "to change",
    ObjectAction.RENAME: "to rename",
    ObjectAction.DELETE: "to delete",
}
_WHOLE_APP = 8  # from this many objects on, an app that is created or deleted is shown in one line
_LONGEST_NAME = 300
_MOST_ENVIRONMENTS = 12  # with a line of their own


def as_text(
    previews: Sequence[Preview], findings: Sequence[Finding], base: str | None, seconds: float
) -> Text:
    """Lines for people: each environment with its own changes, the changes of several, the findings."""
    own = _by_environments(previews)
    text = Text()
    if len(previews) <= _MOST_ENVIRONMENTS:
        _append_environments(text, previews, own)
    else:
        _append_summary(text, previews)
    for environments, groups in own.items():
        text.append(f"in {names(environments)}:\n", style="bold")
        _append_groups(text, groups)
    _append_findings(text, findings)
    text.append(f"{_against(base)}   {seconds:.1f} s", style="dim")
    return text


def changes_as_text(previews: Sequence[Preview], effects: Sequence[Told], base: str | None) -> Text:
    """Lines for people: what the changes mean, then the fields; what does not change is not listed."""
    text = Text()
    append_meaning(text, effects)
    changed = [preview for preview in previews if preview.changes]
    if effects and changed:
        text.append("\n")
    own = _by_environments(changed)
    for environments, groups in own.items():
        text.append(f"in {names(environments)}:\n", style="bold")
        _append_groups(text, groups)
    if not changed and not effects:
        text.append("no change\n", style="green")
    text.append(_against(base), style="dim")
    return text


def _by_environments(previews: Sequence[Preview]) -> dict[tuple[str, ...], list[Group]]:
    """Group all changes, and list them by the environments that have them in common."""
    own: dict[tuple[str, ...], list[Group]] = defaultdict(list)
    for group in grouped(change for preview in previews for change in _changes(preview)):
        own[group.environments].append(group)
    return own


def _against(base: str | None) -> str:
    return f"compared with {base[:10]}" if base else "compared with nothing: there is no commit"


def _append_environments(
    text: Text, previews: Sequence[Preview], own: dict[tuple[str, ...], list[Group]]
) -> None:
    """Append a line for each environment, and the changes that it has alone, which `own` then lacks."""
    width = max((len(preview.name) for preview in previews), default=0)
    for preview in previews:
        text.append(f"{preview.name:{width}}", style="bold")
        text.append(f"  {preview.tier or 'removed':10}  {_objects(preview):>5,} objects   ")
        text.append(f"{_summary(preview)}\n", style="bold" if preview.changes else "green")
        _append_groups(text, own.pop((preview.name,), []))


def _append_summary(text: Text, previews: Sequence[Preview]) -> None:
    """Append a line for the environments that have as many changes, since there are too many of them."""
    alike: dict[tuple[str, str], list[Preview]] = defaultdict(list)
    for preview in previews:
        alike[preview.tier or "removed", _summary(preview)].append(preview)
    for (tier, summary), several in alike.items():
        what = "environment" if len(several) == 1 else "environments"
        text.append(f"{len(several)} {what}", style="bold")
        text.append(f"  {tier}  {sum(map(_objects, several)):,} objects   ")
        each = " each" if several[0].changes and len(several) > 1 else ""
        text.append(f"{summary}{each}", style="bold" if several[0].changes else "green")
        text.append(f": {names([preview.name for preview in several])}\n")


def _append_groups(text: Text, groups: Sequence[Group]) -> None:
    for group in groups:
        append_group(text, group, f"  {group.first.action}", STYLES[group.first.action])


def _append_findings(text: Text, findings: Sequence[Finding]) -> None:
    counts = Counter(finding.level for finding in findings)
    found = " and ".join(f"{counts[level]} {level}" for level in Level) if findings else "0"
    text.append(f"policies: {found} findings", style="bold red" if findings else "green")
    text.append("; `envs check` shows them   " if findings else "   ")


def _objects(preview: Preview) -> int:
    return sum(preview.kinds.values())


def _summary(preview: Preview) -> str:
    counts = Counter(change.action for change in preview.changes)
    if not counts:
        return "no change"
    apps = names([change.app for change in preview.changes])
    return f"{', '.join(f'{counts[action]:,} {_VERBS[action]}' for action in ObjectAction if counts[action])} in {apps}"


def _changes(preview: Preview) -> Iterator[GroupedChange]:
    """Tell apps that appear or go as a whole in one change each, then the other changes."""
    whole: set[tuple[ObjectAction, str]] = set()
    for (action, app), count in Counter((change.action, change.app) for change in preview.changes).items():
        objects = preview.apps.get(app, 0) if action is ObjectAction.CREATE else count
        appears_or_goes = action is ObjectAction.CREATE or (
            action is ObjectAction.DELETE and app not in preview.apps
        )
        if appears_or_goes and count >= _WHOLE_APP and count == objects:
            whole.add((action, app))
            yield GroupedChange(_MARKS[action], "", app, preview.name, objects=count)
    for change in preview.changes:
        if (change.action, change.app) not in whole:
            yield _change(preview.name, change)


def _change(environment: str, change: ObjectChange) -> GroupedChange:
    kind, _, name = printable(change.object, _LONGEST_NAME).partition("/")
    fields = tuple(
        GroupedField(printable(field.change.path, _LONGEST_NAME), _lines(field.change), field.origin)
        for field in change.fields
        if not _is_said_by_others(field, change.fields)
    )
    note = f"was {printable(change.former, _LONGEST_NAME)}" if change.former else ""
    return GroupedChange(
        _MARKS[change.action], kind, name, environment, fields, note, restarts=change.restarts or 0
    )


def _lines(change: FieldChange) -> Lines:
    return (("~", size(change)),) if is_long_expression(change) else tuple(shown_lines(change))


def _is_said_by_others(field: Field, fields: Sequence[Field]) -> bool:
    """Whether a field only names an added or deleted item, which the paths of its other fields name, too."""
    sides = [side for side in (field.change.old, field.change.new) if side is not ABSENT]
    item = field.change.path.rpartition(".")[0]
    return (
        len(sides) == 1
        and item.endswith(f"[{sides[0]}]")
        and any(other is not field and other.change.path.startswith(f"{item}.") for other in fields)
    )
