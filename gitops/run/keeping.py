"""Keeps what an application wanted last, so that it goes on being compared and repaired while its source fails."""

from __future__ import annotations

from gitops.cluster.inventory import Inventory
from gitops.cluster.snapshots import Snapshot
from gitops.errors import ClusterError, HaltedError
from gitops.objects import digest
from gitops.run.job import State
from gitops.run.wanted import Reading
from kube.moments import moment


def keep(state: State, name: str, reading: Reading) -> None:
    """Keep what was just read, before any of it is written; a failure is said, and changes nothing else."""
    run, before = state.run, state.memory.inventories.get(name, Inventory(name))
    if run.dry or reading.failure or _is_kept(state, name, reading, before):
        return
    snapshot = Snapshot(reading.commit, reading.tree, _source(state, name), before.commit, reading.wanted)
    try:
        run.snapshots.save(name, snapshot)
    except HaltedError:
        raise
    except ClusterError as error:
        run.notes.append(
            f"{name}: commit {reading.commit[:12]} could not be kept for when Git is away: {error}"
        )


def _is_kept(state: State, name: str, reading: Reading, before: Inventory) -> bool:
    """Tell whether an earlier run has kept it, without a request."""
    concerns = state.run.concerns(state.run.settings.applications[name])
    return (before.commit, before.tree, before.settings) == (reading.commit, reading.tree, concerns)


def last(state: State, name: str) -> Snapshot | None:
    """Return what was kept last, unless something else was applied since; raises ClusterError."""
    found = state.run.snapshots.load(name)
    if found is None or found.source != _source(state, name):
        return None
    before = state.memory.inventories.get(name, Inventory(name))
    same_tree = before.tree in {"", found.tree}
    return found if same_tree and before.commit in {found.commit, found.follows} else None


def since(state: State, name: str) -> str:
    """Return when the source of an application began to fail, RFC 3339."""
    before = state.memory.statuses.get(name, {}).get("sourceFailedSince")
    return before or moment(state.run.clock())


def _source(state: State, name: str) -> str:
    """Digest where an application comes from, so that a kept commit is not taken for one of another source."""
    return digest(state.run.settings.applications[name].source.model_dump(mode="json"))
