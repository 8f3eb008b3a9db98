"""Applies one object: asks the server what would change, then writes it.

Examining is a dry run; only `write` and `delete` change the cluster.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gitops.cluster.api import Connection, Resource
from gitops.engine import managed_fields, ownership
from gitops.engine.plan import Decision, Target
from gitops.errors import ClusterError, HaltedError
from gitops.objects import MANAGER, REPLACE, Body, DesiredObject, annotations_of, owned
from gitops.report.masking import differences
from gitops.report.outcome import Action, Change

_NOT_FOUND, _CONFLICT, _INVALID = 404, 409, 422
_ATTEMPTS = 8  # during a rollout a controller writes the status several times per second
_MANAGER = re.compile(r'conflict with "((?:[^"\\]|\\.)*)"')
# How the API server words that a field cannot change; every cause must be of this kind, or the object is
# merely invalid and must not be deleted.
_IMMUTABLE = re.compile(
    r"immutable|may not (be )?change|cannot (be )?change|not be updated|updates to .+ are forbidden"
    r"|updates to \w+ spec for fields other than|may not be updated",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Examination:
    """What writing an object would change."""

    decision: Decision
    change: Change
    force: bool = True
    replace: bool = False


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
        if not _replaceable(error, decision.manifest):
            raise _explained(error) from error
        change = Change(decision.manifest.key, Action.REPLACED, message="; ".join(error.causes))
        return Examination(decision, change, replace=True)
    foreign = ownership.additions(live, target.options, decision.left_alone)
    kept = ownership.kept_paths(result, target.options)
    if foreign - kept:
        result = cluster.defaulted(resource, live, managed_fields.without(result, foreign - kept, kept))
    found = differences(ownership.content(live), ownership.content(result))
    adopts = _taken_over(live, wanted, decision, target) is not None or not _applied(live)
    action = Action.CHANGED if found else Action.ADOPTED if adopts else Action.UNCHANGED
    return Examination(decision, Change(decision.manifest.key, action, tuple(found)), force)


def creation(decision: Decision) -> Examination:
    """Examine a new object without a dry run, since its namespace may not exist yet."""
    return Examination(decision, Change(decision.manifest.key, Action.CREATED))


def _try_creation(cluster: Connection, resource: Resource, wanted: Body) -> None:
    try:
        cluster.apply(resource, wanted, dry_run=True)
    except ClusterError as error:
        if error.status != _NOT_FOUND:  # the namespace, which comes first
            raise


def _wanted(decision: Decision, target: Target) -> Body:
    body = owned(decision.manifest.body, target.owner)
    return ownership.with_left_alone(body, decision.live, decision.left_alone)


def _applied(live: Body) -> bool:
    return any(
        e.get("manager") == MANAGER and e.get("operation") == "Apply" for e in managed_fields.entries(live)
    )


def _taken_over(live: Body, wanted: Body, decision: Decision, target: Target) -> list[Body] | None:
    return ownership.taken_over(live, wanted["apiVersion"], target.options, decision.left_alone)


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


def _replaceable(error: ClusterError, manifest: DesiredObject) -> bool:
    allowed = annotations_of(manifest.body).get(REPLACE) == "when-immutable"
    return allowed and _immutable(error)


def _immutable(error: ClusterError) -> bool:
    causes = error.causes or (str(error),)
    return error.status == _INVALID and all(_IMMUTABLE.search(cause) for cause in causes)


def _explained(error: ClusterError) -> ClusterError:
    """Add advice to an error of the API server."""
    if isinstance(error, HaltedError):
        return error
    hint = ""
    if _immutable(error):
        hint = f"; to have it deleted and created again, annotate it with {REPLACE}: when-immutable"
    elif error.status == _CONFLICT and _MANAGER.search(str(error)):
        hint = "; remove the field from Git, list it under options.ignore, or end the co-ownership"
    return ClusterError(f"{error}{hint}", error.status, error.reason, error.causes)


def write(cluster: Connection, resource: Resource, examination: Examination, target: Target) -> Body:
    """Write one object and return it as the server has it; raises ClusterError."""
    decision = examination.decision
    wanted = _wanted(decision, target)
    if examination.replace and decision.live is not None:
        metadata = decision.live["metadata"]
        namespace = metadata.get("namespace", "")
        if not cluster.delete(resource, namespace, metadata["name"], metadata["uid"]):
            raise ClusterError("is being deleted to be replaced; the next run creates it")
        return cluster.apply(resource, owned(decision.manifest.body, target.owner))
    if decision.live is not None:
        _take_over(cluster, resource, decision, wanted, target)
    try:
        return cluster.apply(resource, wanted, force=examination.force)
    except ClusterError as error:
        raise _explained(error) from error


def _take_over(
    cluster: Connection, resource: Resource, decision: Decision, wanted: Body, target: Target
) -> None:
    """Take over fields of people, so that the following apply removes those that are not in Git."""
    live = decision.live
    for attempt in range(1, _ATTEMPTS + 1):
        managed = _taken_over(live, wanted, decision, target) if live is not None else None
        if live is None or managed is None:
            return
        try:
            cluster.own(resource, live, managed)
        except ClusterError as error:
            if error.status not in {_CONFLICT, _INVALID} or attempt == _ATTEMPTS:
                raise
            live = cluster.get(resource, live["metadata"].get("namespace", ""), live["metadata"]["name"])
        else:
            return


def failed(decision: Decision, error: ClusterError) -> Change:
    """Turn an error into the change that reports it."""
    if isinstance(error, HaltedError):
        return Change(decision.manifest.key, Action.WAITING, message=str(error))
    action = Action.REFUSED if error.status == _CONFLICT else Action.FAILED
    return Change(decision.manifest.key, action, message=str(error), status=error.status)
