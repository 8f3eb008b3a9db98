"""The changes and outcomes of a run, and their text and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gitops.cluster.finding import Finding
from gitops.cluster.health import Health
from gitops.objects import Key
from gitops.report.account import Account
from gitops.report.masking import Difference
from gitops.report.plain import json_line
from gitops.secrecy import scrub


class Action(StrEnum):
    """What was done to an object, or why nothing was."""

    CREATED = "created"
    CHANGED = "changed"  # Git has asked for it
    REPAIRED = "repaired"  # Git has not changed; somebody has changed or deleted the object
    ADOPTED = "adopted"  # fields taken over, content unchanged
    REPLACED = "replaced"  # deleted and created again, as its annotation allows
    DELETED = "deleted"
    DELETING = "deleting"  # accepted; the object still exists
    HELD = "held"  # no longer wanted, not deleted yet; the message says why
    ORPHANED = "orphaned"  # no longer wanted, left in the cluster
    RELEASED = "released"  # no longer wanted, no longer ours
    WAITING = "waiting"
    REFUSED = "refused"
    FAILED = "failed"
    UNCHANGED = "unchanged"


WRITTEN = {
    Action.CREATED,
    Action.CHANGED,
    Action.REPAIRED,
    Action.ADOPTED,
    Action.REPLACED,
    Action.DELETED,
}
TROUBLE = {Action.REFUSED, Action.FAILED}


class Sync(StrEnum):
    """Whether the cluster is equal to Git."""

    IN_SYNC = "InSync"
    OUT_OF_SYNC = "OutOfSync"
    UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Change:
    """What happened to one object."""

    key: Key
    action: Action
    differences: tuple[Difference, ...] = ()
    message: str = ""
    status: int = 0  # HTTP status of a failure

    def __post_init__(self) -> None:
        """Keep secrets out of logs, statuses and Events, which all say what this says."""
        if self.message:
            object.__setattr__(self, "message", scrub(self.message))

    @property
    def repairs(self) -> tuple[Difference, ...]:
        """The fields that somebody else has set, with who and when; all fields of a repair."""
        if self.action is Action.REPAIRED:
            return self.differences
        return tuple(difference for difference in self.differences if difference.manager)


def repairs_of(changes: Iterable[Change]) -> list[str]:
    """Write each repair in a line: object, field, old and new value, field manager and time."""
    lines = []
    for change in changes:
        if change.action is Action.REPAIRED and change.message:
            lines.append(f"{change.key} {change.message}")
        lines += [f"{change.key} {difference}" for difference in change.repairs]
    return lines


@dataclass(frozen=True)
class Outcome:
    """The result of a run for one application."""

    application: str
    sync: Sync
    health: Health = Health.UNKNOWN
    commit: str = ""
    changes: tuple[Change, ...] = ()
    objects: int = 0
    message: str = ""
    unhealthy: tuple[str, ...] = ()
    code: int = 0
    seconds: float = 0.0
    suspended: bool = False
    notes: tuple[str, ...] = ()  # worth knowing, and no fault
    findings: tuple[Finding, ...] = ()  # objects that are Degraded or Missing
    healths: Mapping[str, int] = field(default_factory=dict, hash=False)  # objects by health
    away_since: str = ""  # when the source stopped to answer, RFC 3339
    account: Account | None = None  # of what the job reads and never writes

    def __post_init__(self) -> None:
        """Keep secrets out of logs, statuses and Events, which all say what this says."""
        object.__setattr__(self, "message", scrub(self.message))
        object.__setattr__(self, "unhealthy", tuple(map(scrub, self.unhealthy)))

    @property
    def counts(self) -> dict[str, int]:
        """Count the changes by action, unchanged objects included."""
        counts = Counter(str(change.action) for change in self.changes)
        touched = sum(count for action, count in counts.items() if action in _OF_WANTED)
        return dict(sorted(counts.items())) | {"unchanged": max(self.objects - touched, 0)}


_SHOWN = 5  # fields in one line
_OF_WANTED = {"created", "changed", "repaired", "adopted", "replaced", "waiting", "refused", "failed"}


def text(outcome: Outcome, *, values: bool = False) -> Iterator[str]:
    """Format an outcome for people; `values` adds each field before and after."""
    for change in outcome.changes:
        yield f"{change.action:<9} {change.key}  {_why(change)}".rstrip()
        for difference in change.differences if values else ():
            yield f"    {difference.path}"
            yield from (f"      - {difference.before}",) if difference.before else ()
            yield from (f"      + {difference.after}",) if difference.after else ()
            yield from (f"      by {difference.writer}",) if difference.writer else ()
        for difference in () if values else change.repairs:
            yield f"    {difference}"
    yield from outcome.account.text() if outcome.account else ()
    for line in outcome.message.splitlines():
        yield f"{outcome.application}: {line}"
    for line in (*outcome.unhealthy, *outcome.notes):
        yield f"{outcome.application}: {line}"
    counts = ", ".join(f"{count} {action}" for action, count in outcome.counts.items())
    state = "Suspended" if outcome.suspended else f"{outcome.sync} {outcome.health}"
    yield f"{outcome.application}  {outcome.commit[:12] or '-'}  {state}  {counts}  {outcome.seconds:.1f} s"


def _why(change: Change) -> str:
    if change.message:
        return change.message
    paths = [difference.path for difference in change.differences]
    return ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")


def lines(outcome: Outcome, *, values: bool = False, at: str = "") -> Iterator[str]:
    """Format an outcome as JSON lines, the summary last; `at` is the time of writing, RFC 3339."""
    common = {"time": at, "application": outcome.application, "revision": outcome.commit}
    for change in outcome.changes:
        yield json_line({"event": "change", **common, **_change(change, values=values)})
    yield _summary(outcome, common)


def _summary(outcome: Outcome, common: Mapping[str, str]) -> str:
    values = dict(
        event="summary",
        **common,
        sync=outcome.sync,
        health=outcome.health,
        suspended=outcome.suspended,
        counts=outcome.counts,
        message=outcome.message,
        unhealthy=list(outcome.unhealthy),
        notes=list(outcome.notes),
        code=outcome.code,
        seconds=round(outcome.seconds, 3),
        **(outcome.account.as_json() if outcome.account else {}),
    )
    return json_line(values | ({"awaySince": outcome.away_since} if outcome.away_since else {}))


def _change(change: Change, *, values: bool) -> dict[str, Any]:
    result: dict[str, Any] = {"object": str(change.key), "action": change.action}
    if change.differences:
        result["fields"] = (
            [difference.as_json() for difference in change.differences]
            if values
            else [difference.path for difference in change.differences]
        )
    if change.repairs and not values:
        result["repairs"] = [difference.as_json() for difference in change.repairs]
    return result | ({"message": change.message} if change.message else {})
