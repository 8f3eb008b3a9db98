"""Reconciles one application with its manifests: decide, guard, apply wave by wave, prune.

With `dry`, nothing is written and the changes say what would be done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from gitops.cluster import health, inventory
from gitops.cluster.api import Connection
from gitops.cluster.inventory import Inventory, Record
from gitops.engine import apply, definitions, ownership, placement, plan, prune
from gitops.engine.apply import Examination
from gitops.engine.deletion import Deletion
from gitops.engine.order import waves
from gitops.engine.plan import Decision, Target, Verdict
from gitops.engine.prune import Caution
from gitops.engine.retirement import prune_stale
from gitops.engine.work import Mode, Progress, Reconciled, Work
from gitops.errors import ClusterError, HaltedError, ManifestError, RefusedError
from gitops.objects import Body, DesiredObject, Key, digest
from gitops.report.outcome import Action, Change

_UNSERVED = "its definition is not served yet; the next run creates it"


def reconcile(
    cluster: Connection, target: Target, manifests: Iterable[DesiredObject], before: Inventory, mode: Mode
) -> Reconciled:
    """Make the cluster contain the manifests and nothing else of this application.

    Raises RefusedError when a guard stops it, ManifestError for unknown kinds and ClusterError when the cluster
    cannot be read.
    """
    placed = placement.place(cluster, manifests, target.namespace)
    if placed.faults:
        raise ManifestError(placed.faults)
    recorded = placement.recorded_places(cluster, before.records)
    places = recorded | dict(placed.resources) | dict(placed.awaited)
    live, hidden = placement.all_objects(cluster, placed.resources, recorded)
    wanted = {manifest.key for manifest in placed.manifests}
    caution = Caution(target.options.prune, target.neighbours.holds, hidden - wanted)
    pruning = prune.choose(inventory.stale(before, wanted), live, target.owner, caution)
    if reason := prune.guard(len(before.records), len(wanted), len(pruning.delete), allowed=mode.lifted):
        raise RefusedError(f"{reason}; if this is meant, {mode.advice}")
    decisions = plan.decide(
        placed.manifests,
        live,
        before.records,
        target,
        plan.autoscaled(manifest.body for manifest in placed.manifests),
    )
    work = Work(cluster, target, places, mode.dry, placed.awaited)
    if not mode.dry:
        _announce(before, decisions, work, mode)
    progress = Progress(bodies={key: live[key] for key in wanted if key in live})
    _apply_waves(work, decisions, before, progress)
    prune_stale(work, Deletion(cluster, pruning, places, before.records, live, dry=mode.dry), progress)
    return Reconciled(
        tuple(progress.changes),
        replace(before, records=progress.records),
        progress.bodies,
        frozenset(wanted),
        progress.blocked,
        mode.dry,
    )


def _announce(before: Inventory, decisions: Sequence[Decision], work: Work, mode: Mode) -> None:
    """Save the inventory before anything is created, so that an interrupted run leaves no unknown objects."""
    fresh = {
        decision.manifest.key: _record(work, decision.manifest)
        for decision in decisions
        if decision.verdict in {Verdict.CREATE, Verdict.EXAMINE}
    }
    if fresh.keys() - before.records.keys():
        mode.announce(inventory.announced(before, fresh))


def _record(
    work: Work, manifest: DesiredObject, live: Body | None = None, alone: Iterable[str] = ()
) -> Record:
    """Record an object as it is now; without a live one it is recorded as not yet applied."""
    resource = work.resources[manifest.key]
    plain = Record(resource.api_version, resource.plural, resource.namespaced, manifest.wave)
    if live is None:
        return plain
    return replace(
        plain,
        uid=live["metadata"]["uid"],
        desired=digest(manifest.body),
        seen=ownership.essence(live, work.target.options, alone),
        version=live["metadata"]["resourceVersion"],
    )


def _apply_waves(work: Work, decisions: Sequence[Decision], before: Inventory, progress: Progress) -> None:
    by_key = {decision.manifest.key: decision for decision in decisions}
    for key, decision in by_key.items():
        known = before.records.get(key)
        if known is None and decision.verdict is Verdict.REFUSE:
            continue  # it is somebody else's
        progress.records[key] = known or _record(work, decision.manifest)
        if decision.verdict is not Verdict.KEEP:
            progress.records[key] = replace(progress.records[key], desired="")
    ordered = waves(decision.manifest for decision in decisions)
    for position, wave in enumerate(ordered, start=1):
        groups = [[by_key[manifest.key] for manifest in group] for group in wave]
        _apply_wave(work, groups, progress)
        if not progress.blocked and position < len(ordered) and not work.dry:
            keys = [manifest.key for group in wave for manifest in group]
            definitions.settle(work, keys, progress)
            progress.blocked = _unready(keys, progress)
        if progress.blocked:
            return


def _unready(keys: Iterable[Key], progress: Progress) -> str:
    """Return what a later wave has to wait for."""
    for key in keys:
        finding = health.assess(progress.bodies.get(key))
        if finding.health not in {health.Health.HEALTHY, health.Health.SUSPENDED}:
            return f"the next wave waits for {key}, which is {finding.health}: {finding.message}"
    return ""


def _apply_wave(work: Work, groups: Sequence[Sequence[Decision]], progress: Progress) -> None:
    """Examine a whole wave before any of it is written, then write it group by group."""
    examined = _examine_wave(work, [decision for group in groups for decision in group], progress)
    if any(change.action is Action.FAILED for change in progress.changes):
        progress.blocked = "the wave was not written, because objects in it failed their dry run"
    if progress.blocked:
        return
    for group in groups:
        examinations = [examined[each.manifest.key] for each in group if each.manifest.key in examined]
        _write_group(work, examinations, progress)
        if progress.blocked:
            return


def _examine_wave(work: Work, wave: Sequence[Decision], progress: Progress) -> dict[Key, Examination]:
    """Examine all objects of a wave concurrently; report what must not or cannot be written."""
    pending = _pending(work, wave, progress)
    examined = {
        decision.manifest.key: apply.creation(decision)
        for decision in pending
        if decision.live is None and not work.dry
    }
    pending = [decision for decision in pending if decision.manifest.key not in examined]
    results = work.cluster.each(partial(_examine_object, work), pending)
    for decision, result in zip(pending, results, strict=True):
        if isinstance(result, ClusterError):
            progress.changes.append(apply.failed(decision, result))
            progress.blocked = str(result) if isinstance(result, HaltedError) else progress.blocked
        else:
            examined[decision.manifest.key] = result
    return examined


def _pending(work: Work, wave: Sequence[Decision], progress: Progress) -> list[Decision]:
    """Choose the objects to examine, and report those that have to wait or are refused."""
    keys = {decision.manifest.key for decision in wave}
    awaited = {key: place for key, place in work.awaited.items() if key in keys and not work.dry}
    unserved = definitions.unserved(work.cluster, awaited)
    pending = []
    for decision in wave:
        key = decision.manifest.key
        action = {Verdict.REFUSE: Action.REFUSED, Verdict.WAIT: Action.WAITING}.get(decision.verdict)
        if action:
            progress.changes.append(Change(key, action, message=decision.reason))
        elif key in unserved:
            progress.changes.append(Change(key, Action.WAITING, message=_UNSERVED))
        elif decision.verdict is not Verdict.KEEP:
            pending.append(decision)
    return pending


def _examine_object(work: Work, decision: Decision) -> Examination | ClusterError:
    resource = work.resources[decision.manifest.key]
    try:
        work.cluster.begin()
        return apply.examine(work.cluster, resource, decision, work.target)
    except ClusterError as error:
        return error


def _write_group(work: Work, examinations: Sequence[Examination], progress: Progress) -> None:
    """Write what differs; record every object as it is after that."""
    unchanged = [each for each in examinations if each.change.action is Action.UNCHANGED]
    different = [each for each in examinations if each.change.action is not Action.UNCHANGED]
    for examination in unchanged:
        _remember(work, examination, examination.decision.live, progress)
    if work.dry:
        progress.changes += [examination.change for examination in different]
        return
    results = work.cluster.each(partial(_write_object, work), different)
    for examination, result in zip(different, results, strict=True):
        if isinstance(result, ClusterError):
            progress.changes.append(apply.failed(examination.decision, result))
            if examination.replace:
                _look_again(work, examination.change.key, progress)
            late = "what comes later was not written, because objects failed"
            progress.blocked = str(result) if isinstance(result, HaltedError) else late
        else:
            progress.changes.append(examination.change)
            _remember(work, examination, result, progress)
            if examination.change.key.kind == "CustomResourceDefinition":
                work.cluster.kinds.clear()


def _look_again(work: Work, key: Key, progress: Progress) -> None:
    """Read an object whose replacement failed: it may be gone, and its health is that of what is there now."""
    with suppress(ClusterError):
        progress.bodies[key] = work.cluster.get(work.resources[key], key.namespace, key.name)


def _write_object(work: Work, examination: Examination) -> Body | ClusterError:
    resource = work.resources[examination.change.key]
    try:
        work.cluster.begin()
        return apply.write(work.cluster, resource, examination, work.target)
    except ClusterError as error:
        return error


def _remember(work: Work, examination: Examination, live: Body | None, progress: Progress) -> None:
    if live is not None:
        key, alone = examination.change.key, examination.decision.left_alone
        progress.bodies[key] = live
        progress.records[key] = _record(work, examination.decision.manifest, live, alone)
