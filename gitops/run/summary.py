"""Sums up the changes of one application to sync status, health and exit code."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from gitops.cluster.health import Health
from gitops.cluster.inventory import Inventory
from gitops.cluster.records import Memory, Store, history
from gitops.engine import ownership
from gitops.engine.work import Reconciled
from gitops.errors import (
    BAD_INPUT,
    OUTSIDE,
    REFUSED,
    UNHEALTHY,
    ClusterError,
    GitOpsError,
    ManifestError,
    RefusedError,
    SourceError,
    exit_code,
)
from gitops.objects import Body, Key
from gitops.report.account import Account
from gitops.report.bounds import bounded
from gitops.report.notice import trouble_of
from gitops.report.outcome import TROUBLE, WRITTEN, Action, Change, Outcome, Sync, repairs_of
from gitops.run import condition, events
from gitops.settings import Options
from kube.moments import moment

_BAD_STATUS = {400, 422}
_SHOWN = 10  # managers in one report


def of(name: str, commit: str, reconciled: Reconciled) -> Outcome:
    """Sum up an application that was reconciled."""
    # Objects left to a later run are Progressing; only in a finished application is an object Missing.
    # One that was refused or failed, and is not there, is Missing as well.
    troubled = {change.key for change in reconciled.changes if change.action in TROUBLE}
    pending = () if reconciled.complete else reconciled.wanted - reconciled.bodies.keys() - troubled
    found = condition.judge(reconciled.wanted, reconciled.bodies, pending)
    codes = [_code(change) for change in reconciled.changes] + ([UNHEALTHY] if found.is_poor else [])
    return Outcome(
        name,
        Sync.IN_SYNC if reconciled.complete else Sync.OUT_OF_SYNC,
        found.health,
        commit,
        reconciled.changes,
        len(reconciled.wanted),
        reconciled.blocked,
        found.unhealthy,
        exit_code(codes),
        findings=found.findings,
        healths=found.counts,
    )


def _code(change: Change) -> int:
    if change.action is Action.REFUSED:
        return REFUSED
    if change.action is not Action.FAILED:
        return 0
    return BAD_INPUT if change.status in _BAD_STATUS else OUTSIDE


def quiet(inventory: Inventory, live: Mapping[Key, Body], options: Options) -> Outcome:
    """Sum up an application for which there was nothing to do."""
    found = condition.judge(inventory.records, live)
    return Outcome(
        inventory.application,
        Sync.IN_SYNC,
        found.health,
        inventory.commit,
        objects=len(inventory.records),
        unhealthy=found.unhealthy,
        code=UNHEALTHY if found.is_poor else 0,
        notes=notes({key: live.get(key) for key in inventory.records}, options),
        findings=found.findings,
        healths=found.counts,
    )


def notes(bodies: Mapping[Key, Body | None], options: Options) -> tuple[str, ...]:
    """List the managers that nobody knows, and an example of what they hold; their fields are left alone."""
    found: dict[str, list[str]] = {}
    for key, body in bodies.items():
        for manager, paths in ownership.foreign_fields(body or {}, options).items():
            found.setdefault(manager, []).append(f"{key} {paths[0]}")
    return tuple(
        f"fields of the unknown manager {manager} are left alone in {_count(places)}, for example {places[0]}; "
        "list it under coOwners if that is meant"
        for manager, places in sorted(found.items())
    )[:_SHOWN]


def _count(places: Collection[str]) -> str:
    return "1 object" if len(places) == 1 else f"{len(places)} objects"


def suspended(name: str) -> Outcome:
    """Sum up an application that is left alone."""
    return Outcome(name, Sync.UNKNOWN, suspended=True)


def failed(name: str, commit: str, error: GitOpsError) -> Outcome:
    """Sum up an application that could not be reconciled; nothing of it was written."""
    known = isinstance(error, (ManifestError, RefusedError))
    message = f"{error}\nnothing was written and nothing deleted" if known else str(error)
    sync = Sync.OUT_OF_SYNC if known else Sync.UNKNOWN
    return Outcome(name, sync, Health.UNKNOWN, commit, message=message, code=error.code)


def stale(outcome: Outcome, failure: SourceError, since: str) -> Outcome:
    """Report an application whose source fails, and whose last commit was compared instead."""
    went_on = f"the source has failed since {since}; commit {outcome.commit[:12]} goes on being compared and repaired"
    message = "\n".join(filter(None, (str(failure), went_on, outcome.message)))
    code = exit_code([outcome.code, failure.code])
    return replace(outcome, sync=Sync.UNKNOWN, message=message, code=code, away_since=since)


def halted(outcome: Outcome, error: ClusterError) -> Outcome:
    """Report what was done by a run that could not finish; it stays OutOfSync until a run does."""
    sync = Sync.OUT_OF_SYNC if outcome.sync is Sync.IN_SYNC else outcome.sync
    code = exit_code([outcome.code, error.code])
    known = str(error) in outcome.message.splitlines()
    message = outcome.message if known else "\n".join(filter(None, (outcome.message, str(error))))
    return replace(outcome, sync=sync, message=message, code=code)


def record(store: Store, memory: Memory, result: Outcome, now: datetime) -> None:
    """Write the status of an application and Events, if something has changed."""
    before = memory.statuses.get(result.application, {})
    wrote = any(change.action in WRITTEN for change in result.changes)
    status = _status(result, before)
    if not wrote and all(before.get(field, "") == value for field, value in status.items()):
        return
    at = moment(now)
    row = {"finished": at, "revision": result.commit, "sync": result.sync, "health": result.health}
    repairs = repairs_of(result.changes)[:_SHOWN]
    done = {"counts": result.counts, "seconds": round(result.seconds, 3)}
    rows = history(before, row | done | ({"repairs": repairs} if repairs else {}))
    store.save_status(result.application, status | {"finished": at, "history": rows})
    _event(store, result, before, now, wrote=wrote)
    events.announce(store, result, before, now)


def _status(result: Outcome, before: dict[str, str]) -> dict[str, str]:
    good = result.sync is Sync.IN_SYNC and result.code == 0
    return {
        "revision": result.commit,
        "lastGoodRevision": result.commit if good else before.get("lastGoodRevision", ""),
        "sync": str(result.sync),
        "health": str(result.health),
        "objects": str(result.objects),
        "message": bounded("\n".join([result.message, *_failures(result)]).strip()),
        "unhealthy": bounded("\n".join(result.unhealthy)),
        "sourceFailedSince": result.away_since,
        "trouble": trouble_of(result),
        **(result.account.as_status() if result.account else {}),
    }


def _failures(result: Outcome) -> list[str]:
    return [
        f"{change.key}: {change.message}"
        for change in result.changes
        if change.action in {Action.FAILED, Action.REFUSED}
    ]


def _event(store: Store, result: Outcome, before: dict[str, str], now: datetime, *, wrote: bool) -> None:
    failures = [*([result.message] if result.message else []), *_failures(result)]
    counts = ", ".join(f"{count} {action}" for action, count in result.counts.items())
    known = result.away_since and result.away_since == before.get("sourceFailedSince")
    said = before.get("message") == bounded("\n".join(failures).strip())
    if result.code and failures and not known and not said:
        text, reason = "\n".join([*failures, *result.unhealthy]), _reason(result)
        store.event(result.application, reason=reason, message=text, now=now, warning=True)
    elif wrote and any(change.action in WRITTEN - {Action.REPAIRED} for change in result.changes):
        store.event(result.application, reason="Synced", message=counts, now=now, warning=False)
    if repairs := repairs_of(result.changes):
        text = "\n".join(repairs)
        store.event(result.application, reason="Repaired", message=text, now=now, warning=True)
    if result.account:
        _account_events(store, result.application, result.account, before, now)


def _reason(result: Outcome) -> str:
    return "SourceFailed" if result.away_since else "SyncFailed"


def _account_events(
    store: Store, application: str, found: Account, before: Mapping[str, str], now: datetime
) -> None:
    """Tell of foreign objects and drift once, as long as they stay the same."""
    status = found.as_status()
    for reason, field, objects in (
        ("Foreign", "foreign", found.foreign),
        ("Drifted", "drift", found.drift),
    ):
        if objects and before.get(field) != status[field]:
            text = "\n".join(map(str, objects))
            store.event(application, reason=reason, message=text, now=now, warning=True)
