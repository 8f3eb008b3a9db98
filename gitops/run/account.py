"""Accounts for the namespaces of an environment at the end of a run; whatever fails here stays here."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from gitops.cluster.records import Memory
from gitops.engine.account import Scope, account
from gitops.engine.foreign import Known
from gitops.engine.observe import observe
from gitops.errors import GitOpsError, InternalError, ManifestError, SourceError
from gitops.objects import DesiredObject, Key
from gitops.report.outcome import Outcome, Sync
from gitops.run import recording, summary
from gitops.run.job import Run, State
from gitops.settings import WATCHED, Watched
from gitops.source import repository


def watch(state: State, watched: Watched, memory: Memory | None) -> Outcome:
    """Report what is in the namespaces and not as Git says; nothing is written but the report.

    `memory` has the records of the job; None where this run may have written others, and they are read again.
    """
    commit, started = "", state.run.clock()
    try:
        commit = _commit(state, watched)
        outcome = _watch(state.run, watched, commit, memory)
    except GitOpsError as error:
        outcome = summary.failed(WATCHED, commit, error)
    except Exception as error:  # noqa: BLE001 - the applications were synced, whatever happens here
        outcome = summary.failed(WATCHED, commit, InternalError(error))
    seconds = (state.run.clock() - started).total_seconds()
    return recording.recorded(state, replace(outcome, seconds=seconds))


def _commit(state: State, watched: Watched) -> str:
    found = state.commits[watched.source.repository][watched.source.revision]
    if isinstance(found, SourceError):
        raise found
    return found


def _watch(run: Run, watched: Watched, commit: str, memory: Memory | None) -> Outcome:
    pushed = _pushed(run, watched, commit)
    recorded = _recorded(memory or run.store.recall())
    known = Known(frozenset(each.key for each in pushed), recorded, watched.expected, run.settings.home)
    seen = observe(run.cluster, [each.body for each in pushed])
    found = account(run.cluster, Scope(watched.namespaces, watched.kinds), known, seen.listed)
    unseen = tuple(dict.fromkeys([*seen.unseen, *found.unseen]))
    found = replace(found, drift=seen.drifted, unseen=unseen)
    sync = Sync.OUT_OF_SYNC if found.drift else Sync.IN_SYNC
    return Outcome(WATCHED, sync, seen.health, commit, objects=len(pushed), account=found)


def _pushed(run: Run, watched: Watched, commit: str) -> list[DesiredObject]:
    """Read the objects that others push, as they are rendered in Git."""
    source = watched.source
    git = run.git(source.repository)
    repository.fetch(git, [commit], source.revision)
    with closing(repository.files(git, commit, source, run.settings.limits)) as files:
        found, faults = run.reader.read(files)
    if faults:
        raise ManifestError(faults)
    return found


def _recorded(memory: Memory) -> frozenset[Key]:
    """Name the objects of all applications."""
    return frozenset(key for inventory in memory.inventories.values() for key in inventory.records)
