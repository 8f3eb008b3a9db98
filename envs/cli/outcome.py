"""What `envs up` and `envs down` would do or have done, as text for people: equal changes once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.text import Text

from envs.review.grouping import GroupedChange, GroupedField, grouped
from envs.review.layout import append_group
from gitops.cluster.health import Health
from gitops.report.masking import Difference
from gitops.report.outcome import Action, Change, Outcome, Sync

_PLANNED: Mapping[Action, str] = {
    Action.CREATED: "would create",
    Action.CHANGED: "would change",
    Action.REPAIRED: "would repair",
    Action.ADOPTED: "would adopt",
    Action.REPLACED: "would replace",
    Action.DELETED: "would delete",
    Action.DELETING: "would delete",
    Action.HELD: "would keep",
    Action.ORPHANED: "would leave",
    Action.RELEASED: "would release",
    Action.WAITING: "would wait",
}
_STYLES: Mapping[Action, str] = {
    Action.CREATED: "green",
    Action.DELETED: "red",
    Action.DELETING: "red",
    Action.REFUSED: "bold red",
    Action.FAILED: "bold red",
}
_PLANNED_WIDTH, _DONE_WIDTH = len("would replace"), len("unchanged")
_SHOWN = 5  # fields in one line
SYNC_STYLES: Mapping[Sync, str] = {Sync.IN_SYNC: "green", Sync.OUT_OF_SYNC: "yellow", Sync.UNKNOWN: "magenta"}
HEALTH_STYLES: Mapping[Health, str] = {
    Health.HEALTHY: "green",
    Health.SUSPENDED: "green",
    Health.PROGRESSING: "yellow",
    Health.DEGRADED: "bold red",
    Health.MISSING: "bold red",
    Health.UNKNOWN: "magenta",
}


def planned(outcome: Outcome) -> Text:
    """Say in the conditional what would be done, with each value before and after."""
    text = Text()
    for group in grouped(_change(change, outcome.application, values=True) for change in outcome.changes):
        action = Action(group.first.action)
        word = _PLANNED.get(action, str(action))
        append_group(text, group, f"{word:{_PLANNED_WIDTH}}", _STYLES.get(action, "yellow"))
    _append_end(text, outcome)
    counts = Counter[str]()
    for name, count in outcome.counts.items():
        counts[_PLANNED.get(Action(name), name).replace("would ", "to ")] += count
    text.append(", ".join(f"{count:,} {word}" for word, count in counts.items()))
    return text


def done(outcome: Outcome) -> Text:
    """Say what was done, with the names of the fields."""
    text = Text()
    for group in grouped(_change(change, outcome.application, values=False) for change in outcome.changes):
        action = Action(group.first.action)
        append_group(text, group, f"{action:{_DONE_WIDTH}}", _STYLES.get(action, "yellow"))
    _append_end(text, outcome)
    text.append(f"{outcome.health}  ", style=HEALTH_STYLES[outcome.health])
    counts = ", ".join(f"{count:,} {name}" for name, count in outcome.counts.items())
    text.append(f"{counts}  {outcome.seconds:.1f} s")
    return text


def _append_end(text: Text, outcome: Outcome) -> None:
    for line in (*outcome.message.splitlines(), *outcome.unhealthy):
        text.append(f"{outcome.application}: {line}\n")
    text.append(f"{outcome.application}  ", style="bold")
    text.append(f"{outcome.sync}  ", style=SYNC_STYLES[outcome.sync])


def _change(change: Change, environment: str, *, values: bool) -> GroupedChange:
    kind, _, name = str(change.key).partition("/")
    fields = tuple(map(_field, change.differences)) if values else ()
    note = change.message if values or change.message else _paths(change)
    return GroupedChange(str(change.action), kind, name, environment, fields, note)


def _field(difference: Difference) -> GroupedField:
    sides = (("-", difference.before), ("+", difference.after))
    writer = f"set by {difference.writer}" if difference.writer else ""
    return GroupedField(difference.path, tuple((mark, value) for mark, value in sides if value), writer)


def _paths(change: Change) -> str:
    paths = [difference.path for difference in change.differences]
    return ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")
