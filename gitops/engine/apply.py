"""Applies one object: asks the server what would change, then writes it.

Examining is a dry run; only `write` and `delete` change the cluster.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gitops.cluster.api import Connection, Resource
from gitops.engine import authorship, managed_fields, ownership, replacement, takeover
from gitops.engine.plan import Decision, Target
from gitops.errors import ClusterError, HaltedError
from gitops.objects import REPLACE, Body, owned
from gitops.report.masking import Difference, differences
from gitops.report.outcome import Action, Change

_NOT_FOUND, _CONFLICT, _INVALID = 404, 409, 422
_ROUNDS = 4  # of applies, one for each version of the API in which people have written an object
_ANOTHER = re.compile(r"uid mismatch|UID in precondition|metadata\.uid: Invalid value")
_MANAGER = re.compile(r'conflict with "((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Examination:
    """What writing an object would change."""

    decision: Decision
    change: Change
    force: bool = True
    replace: bool = False
    expected: Body | None = field(default=None, hash=False)  # what the dry run promises


def examine(cluster: Connection, resource: Resource, decision: Decision, target: Target) -> Examination:
    """Dry-run the apply of an object; raises ClusterError."""
    live = decision.live
    if live is None:
        _try_creation(cluster, resource, _wanted(decision, target))
        return creation(decision)
    wanted = _wanted(decision, target)
    try:
        result, force = _dry_run(cluster, resource, wanted, live, target)
    except ClusterError as error:
        if not replacement.replaceable(error, decision.manifest):
            raise _explained(error) from error
        replacement.prove(cluster, resource, owned(decision.manifest.body, target.owner))
        change = Change(decision.manifest.key, Action.REPLACED, message="; ".join(error.causes))
        return Examination(decision, change, replace=True)
    foreign = ownership.additions(result, target.options, decision.left_alone)
    kept = ownership.kept_paths(result, target.options)
    expected = result
    if foreign - kept:
        expected = cluster.defaulted(resource, live, managed_fields.without(result, foreign - kept, kept))
    found = differences(ownership.content(live), ownership.content(expected))
    found += takeover.additions_elsewhere(cluster, resource, result, target.options, decision.left_alone)
    if found:
        return Examination(decision, _difference(decision, live, found), force, expected=expected)
    action = Action.ADOPTED if _adopts(live, decision, target) else Action.UNCHANGED
    return Examination(decision, Change(decision.manifest.key, action), force, expected=expected)


def _difference(decision: Decision, live: Body, found: Sequence[Difference]) -> Change:
    """Tell a change that Git asks for from a repair: what Git wants is what the last run has applied."""
    as_before = decision.as_before
    signed = authorship.signed(live, found, removed=as_before is not False)
    if as_before is None:  # the last run failed, so only the fields themselves can tell
        as_before = all(each.manager for each in signed)
    action = Action.REPAIRED if as_before else Action.CHANGED
    return Change(decision.manifest.key, action, tuple(signed))


def _adopts(live: Body, decision: Decision, target: Target) -> bool:
    """Tell whether fields of people become fields of the job, though no value changes."""
    body, options, alone = decision.manifest.body, target.options, decision.left_alone
    if not any(managed_fields.ours(entry) for entry in managed_fields.entries(live)):
        return True
    return ownership.taken_over(live, body["apiVersion"], options, alone) is not None


def creation(decision: Decision) -> Examination:
    """Examine a new object without a dry run, since its namespace may not exist yet."""
    key = decision.manifest.key
    if decision.as_before:
        gone = "is gone, and nothing in Git has asked for that; it is created again"
        return Examination(decision, Change(key, Action.REPAIRED, message=gone))
    return Examination(decision, Change(key, Action.CREATED))


def _try_creation(cluster: Connection, resource: Resource, wanted: Body) -> None:
    try:
        cluster.apply(resource, wanted, dry_run=True)
    except ClusterError as error:
        if error.status != _NOT_FOUND:  # the namespace, which comes first
            raise


def _wanted(decision: Decision, target: Target) -> Body:
    body = owned(decision.manifest.body, target.owner)
    return ownership.with_left_alone(body, decision.live, decision.left_alone)


def _of_the_same(live: Body | None, wanted: Body) -> Body:
    """Ask for the object that was examined: one that is gone is not made again by a run that has slept."""
    return (
        wanted
        if live is None
        else wanted | {"metadata": wanted["metadata"] | {"uid": live["metadata"]["uid"]}}
    )


def _dry_run(
    cluster: Connection, resource: Resource, wanted: Body, live: Body, target: Target
) -> tuple[Body, bool]:
    """Dry-run without force where a respected owner may conflict; the fields of people are always overwritten."""
    owners = target.options.co_owners
    if any(managed_fields.respected(entry, owners) for entry in managed_fields.entries(live)):
        try:
            return cluster.apply(resource, wanted, force=False, dry_run=True), False
        except ClusterError as error:
            if error.status != _CONFLICT or _objecting(error, owners):
                raise
    return cluster.apply(resource, wanted, force=True, dry_run=True), True


def _objecting(error: ClusterError, co_owners: tuple[str, ...]) -> bool:
    managers = {name for cause in (*error.causes, str(error)) for name in _MANAGER.findall(cause)}
    return not managers or any(managed_fields.respected({"manager": name}, co_owners) for name in managers)


def _explained(error: ClusterError) -> ClusterError:
    """Add advice to an error of the API server."""
    if isinstance(error, HaltedError):
        return error
    hint, status = "", error.status
    if status in {_CONFLICT, _INVALID} and _ANOTHER.search(str(error)):
        hint, status = (
            "; it was deleted or made again after it was compared, so the next run decides",
            _CONFLICT,
        )
    elif replacement.immutable(error):
        hint = f"; to have it deleted and created again, annotate it with {REPLACE}: when-immutable"
    elif error.status == _CONFLICT and _MANAGER.search(str(error)):
        hint = "; remove the field from Git, list it under options.ignore, or end the co-ownership"
    return ClusterError(f"{error.message}{hint}", status, error.reason, error.causes, error.request)


def write(cluster: Connection, resource: Resource, examination: Examination, target: Target) -> Body:
    """Write one object and return it as the server has it; raises ClusterError."""
    decision = examination.decision
    wanted = _wanted(decision, target)
    if examination.replace and decision.live is not None:
        return replacement.replace(
            cluster, resource, decision.live, owned(decision.manifest.body, target.owner)
        )
    wanted = _of_the_same(decision.live, wanted)
    options, alone = target.options, decision.left_alone
    takeover.take_over(cluster, resource, decision.live, options, alone)
    try:
        after = cluster.apply(resource, wanted, force=examination.force)
        for _ in range(_ROUNDS):
            if not takeover.take_over_rest(cluster, resource, after, options, alone):
                break
            after = cluster.apply(resource, wanted, force=examination.force)
    except ClusterError as error:
        raise _explained(error) from error
    _verify(examination, after, target)
    return after


def _verify(examination: Examination, after: Body, target: Target) -> None:
    """Compare the answer of the server with what the dry run promised; raises ClusterError."""
    if examination.expected is None:
        return
    found, alone = examination.change.differences, examination.decision.left_alone
    wrong = takeover.unrepaired(examination.expected, after, found, target.options, alone)
    if wrong:
        raise ClusterError(
            f"was written, and the server still holds other values in {', '.join(wrong)}; "
            "look for a webhook or a conversion that changes them back"
        )


def failed(decision: Decision, error: ClusterError) -> Change:
    """Turn an error into the change that reports it."""
    if isinstance(error, HaltedError):
        return Change(decision.manifest.key, Action.WAITING, message=str(error))
    action = Action.REFUSED if error.status == _CONFLICT else Action.FAILED
    return Change(decision.manifest.key, action, message=str(error), status=error.status)
