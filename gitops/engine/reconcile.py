"""Reconciles one application with its manifests: decide, guard, apply wave by wave, prune.

With `dry`, nothing is written and the changes say what would be done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from gitops.cluster import health, inventory
from gitops.cluster.api import Connection, Resource
from gitops.cluster.inventory import Inventory, Record
from gitops.engine import apply, ownership, placement, plan, prune
from gitops.engine.apply import Examination
from gitops.engine.order import waves
from gitops.engine.plan import Decision, Target, Verdict
from gitops.errors import ClusterError, HaltedError, ManifestError, RefusedError
from gitops.objects import Body, DesiredObject, Key, digest
from gitops.report.outcome import TROUBLE, Action, Change
from gitops.settings import Options


@dataclass(frozen=True)
class Work:
    """What stays the same while one application is reconciled."""

    cluster: Connection
    target: Target
    resources: Mapping[Key, Resource]
    dry: bool


@dataclass(frozen=True)
class Mode:
    """How an application is reconciled."""

    announce: Callable[[Inventory], None]  # saves the inventory before the first write
    lifted: bool = False  # the guards are off for this commit
    advice: str = ""  # how to lift them
    dry: bool = False


@dataclass
class Progress:
    """What has happened so far."""

    changes: list[Change] = field(default_factory=list)
    bodies: dict[Key, Body] = field(default_factory=dict)  # live objects as last read
    records: dict[Key, Record] = field(default_factory=dict)
    blocked: str = ""  # why the rest was not touched

    @property
    def trouble(self) -> bool:
        """Tell whether an object was refused or failed."""
        return any(change.action in TROUBLE for change in self.changes)


@dataclass(frozen=True)
class Reconciled:
    """The result of reconciling an application."""

    changes: tuple[Change, ...]
    inventory: Inventory
    bodies: Mapping[Key, Body]
    wanted: frozenset[Key]
    blocked: str = ""
    dry: bool = False

    @property
    def complete(self) -> bool:
        """Tell whether the cluster is now equal to Git."""
        if self.dry and self.changes:
            return False
        unfinished = TROUBLE | {Action.WAITING, Action.DELETING}
        return not self.blocked and not any(change.action in unfinished for change in self.changes)


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
    places = placement.recorded_places(cluster, before.records) | dict(placed.resources)
    live = placement.live_objects(cluster, places)
    wanted = {manifest.key for manifest in placed.manifests} | set(placed.undefined)
    pruning = prune.choose(inventory.stale(before, wanted), live, target.owner, prune=target.options.prune)
    if reason := prune.guard(len(before.records), len(wanted), len(pruning.delete), allowed=mode.lifted):
        raise RefusedError(f"{reason}; if this is meant, {mode.advice}")
    decisions = plan.decide(
        placed.manifests,
        live,
        before.records,
        target,
        plan.autoscaled(manifest.body for manifest in placed.manifests),
    )
    work = Work(cluster, target, places, mode.dry)
    if not mode.dry:
        _announce(before, decisions, work, mode)
    progress = Progress(bodies={key: live[key] for key in wanted if key in live})
    _apply_waves(work, decisions, before, progress)
    awaited = "its definition is not served yet; the next run creates it"
    progress.changes += [Change(key, Action.WAITING, message=awaited) for key in placed.undefined]
    _prune(work, pruning, before, progress)
    return Reconciled(
        tuple(progress.changes),
        replace(before, records=progress.records),
        progress.bodies,
        frozenset(wanted),
        progress.blocked,
        mode.dry,
    )


def retire(cluster: Connection, owner: str, before: Inventory, *, dry: bool) -> Reconciled:
    """Delete or orphan all objects of an application that is no longer in the settings."""
    places = placement.recorded_places(cluster, before.records)
    live = placement.live_objects(cluster, places)
    pruning = prune.choose(before.records, live, owner, prune=before.prune)
    progress = Progress()
    work = Work(cluster, Target(owner, "", Options(prune=before.prune)), places, dry)
    _prune(work, pruning, before, progress)
    return Reconciled(tuple(progress.changes), replace(before, records=progress.records), {}, frozenset())


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
        progress.records[key] = known or _record(work, decision.manifest)
        if decision.verdict is not Verdict.KEEP:
            progress.records[key] = replace(progress.records[key], desired="")
    ordered = waves(decision.manifest for decision in decisions)
    for position, wave in enumerate(ordered, start=1):
        groups = [[by_key[manifest.key] for manifest in group] for group in wave]
        _apply_wave(work, groups, progress)
        if not progress.blocked and position < len(ordered) and not work.dry:
            progress.blocked = _unready([manifest.key for group in wave for manifest in group], progress)
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
    pending = []
    for decision in wave:
        action = {Verdict.REFUSE: Action.REFUSED, Verdict.WAIT: Action.WAITING}.get(decision.verdict)
        if action:
            progress.changes.append(Change(decision.manifest.key, action, message=decision.reason))
        elif decision.verdict is not Verdict.KEEP:
            pending.append(decision)
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
            progress.blocked = "what comes later was not written, because objects failed"
        else:
            progress.changes.append(examination.change)
            _remember(work, examination, result, progress)
            if examination.change.key.kind == "CustomResourceDefinition":
                work.cluster.kinds.clear()


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


def _prune(work: Work, pruning: prune.Pruning, before: Inventory, progress: Progress) -> None:
    """Delete what is no longer wanted, unless something is unfinished; what remains stays in the inventory."""
    unfinished = bool(progress.blocked) or progress.trouble
    remaining = {
        *pruning.delete,
        *pruning.waiting,
        *((*pruning.kept, *pruning.foreign) if unfinished else ()),
    }
    progress.records |= {key: before.records[key] for key in remaining}
    progress.changes += [Change(key, Action.DELETING, message="has finalizers") for key in pruning.waiting]
    if unfinished:
        return
    progress.changes += [Change(key, Action.ORPHANED, message="left in the cluster") for key in pruning.kept]
    progress.changes += [Change(key, Action.RELEASED, message="is no longer ours") for key in pruning.foreign]
    for key in pruning.delete:
        change = _delete(work, key, before.records[key].uid)
        progress.changes.append(change)
        if change.action is Action.DELETED and not work.dry:
            progress.records.pop(key)


def _delete(work: Work, key: Key, uid: str) -> Change:
    if work.dry:
        return Change(key, Action.DELETED)
    try:
        work.cluster.begin()
        deleted = work.cluster.delete(work.resources[key], key.namespace, key.name, uid)
    except HaltedError as error:
        return Change(key, Action.WAITING, message=f"is still to be deleted: {error}")
    except ClusterError as error:
        return Change(
            key,
            Action.FAILED,
            message=f"could not be deleted and stays in the inventory: {error}",
            status=error.status,
        )
    return Change(key, Action.DELETED if deleted else Action.DELETING)
