"""One run: compares every application with its source, and writes what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future

from gitops.cluster.records import Memory
from gitops.errors import RefusedError
from gitops.report.outcome import Outcome
from gitops.run import recording, sources, summary, unchanged
from gitops.run.job import Run, State
from gitops.settings import Watched


def sync_all(run: Run) -> Iterator[Outcome]:
    """Sync every application; raises GitOpsError only for what concerns the run as a whole."""
    remembered = run.cluster.pool.submit(run.store.recall)
    if run.settings.watched:
        run.reader.prepare()
    _check_cluster(run)
    state = _look(run, remembered)
    quiet = unchanged.find(state)
    for name in sorted(quiet):
        yield recording.recorded(state, quiet[name])
    applications = run.settings.applications
    rest = sorted(applications.keys() - quiet.keys())
    busy = run.dry or state.retired or any(not applications[name].options.suspend for name in rest)
    if busy:
        yield from _changed(state, rest)
    else:
        yield from (summary.suspended(name) for name in rest)
        recording.touch_lease(state)
    if run.settings.watched and not run.stop.requested:
        yield _watched(state, run.settings.watched, None if busy else state.memory)


def _changed(state: State, rest: Sequence[str]) -> Iterator[Outcome]:
    from gitops.run import changed  # noqa: PLC0415 - a run that finds nothing changed does not need it

    sync = changed.sync if state.run.dry else changed.sync_alone
    return sync(state, rest, state.retired)


def _watched(state: State, watched: Watched, memory: Memory | None) -> Outcome:
    from gitops.run.account import watch  # noqa: PLC0415 - jobs without `watched` do not need it

    return watch(state, watched, memory)


def _check_cluster(run: Run) -> None:
    if run.settings.cluster and (found := run.cluster.uid()) != run.settings.cluster.uid:
        raise RefusedError(
            f"the cluster has the uid {found}; the settings are for {run.settings.cluster.uid}"
        )


def _look(run: Run, remembered: Future[Memory]) -> State:
    """Ask the remotes for their commits while the records of earlier runs are read."""
    commits = sources.ask(run, remembered)
    memory = remembered.result()
    for name in memory.successes.keys() - run.settings.applications.keys():
        del memory.successes[name]
    return State(run, memory, commits)
