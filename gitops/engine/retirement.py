"""Deletes what is no longer wanted: stale objects of an application, or all of one that left the settings."""

from __future__ import annotations

from dataclasses import replace

from gitops.cluster.api import Connection
from gitops.cluster.inventory import Inventory
from gitops.engine import deletion, placement, prune
from gitops.engine.deletion import Deletion
from gitops.engine.plan import Target
from gitops.engine.prune import Caution
from gitops.engine.work import Mode, Progress, Reconciled, Work
from gitops.errors import RefusedError
from gitops.report.outcome import Action


def retire(
    cluster: Connection, target: Target, before: Inventory, mode: Mode, *, everything: bool = False
) -> Reconciled:
    """Delete or orphan all objects of an application that is no longer in the settings.

    `everything` deletes what holds data as well. Raises RefusedError when objects would be deleted and the guard
    stands, ClusterError when the cluster cannot be read.
    """
    places = placement.recorded_places(cluster, before.records)
    live, hidden = placement.visible_objects(cluster, places)
    # Once its deletion is confirmed, an object that is out of reach is let go: its namespace left with its rights.
    caution = Caution(
        before.prune, target.neighbours.holds, frozenset() if mode.lifted else hidden, everything
    )
    pruning = prune.choose(before.records, live, target.owner, caution)
    if pruning.delete and not mode.lifted:
        count = f"{len(pruning.delete)} of its {len(before.records)} objects would be deleted"
        raise RefusedError(f"is no longer in the settings, and {count}; if this is meant, {mode.advice}")
    progress = Progress()
    work = Work(cluster, target, places, mode.dry)
    prune_stale(
        work, Deletion(cluster, pruning, places, before.records, live, everything, mode.dry), progress
    )
    return Reconciled(
        tuple(progress.changes),
        replace(before, records=progress.records),
        {},
        frozenset(),
        dry=mode.dry,
    )


def prune_stale(work: Work, task: Deletion, progress: Progress) -> None:
    """Delete what is no longer wanted, unless something is unfinished; what remains stays in the inventory."""
    unfinished = bool(progress.blocked) or progress.trouble
    pruning, before = task.pruning, task.records
    left = (*pruning.kept, *pruning.guarded, *pruning.foreign) if unfinished else ()
    remaining = {*pruning.delete, *pruning.waiting, *pruning.held, *pruning.hidden, *left}
    progress.records |= {key: before[key] for key in remaining}
    progress.changes += deletion.reports(task, work.target.neighbours)
    if unfinished:
        return
    progress.changes += deletion.departures(pruning)
    for change in deletion.delete(task):
        progress.changes.append(change)
        if change.action in {Action.DELETED, Action.ORPHANED} and not work.dry:
            progress.records.pop(change.key)
