"""One run: compares every application with its source, and writes what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress

from gitops.errors import ClusterError, GitOpsError, RefusedError
from gitops.report.outcome import Outcome
from gitops.run import recording, sources, summary, unchanged
from gitops.run.application import retire_application, sync_application
from gitops.run.job import Run, State
from gitops.run.survey import survey
from gitops.run.turn import take_turn
from gitops.settings import Watched


def sync_all(run: Run) -> Iterator[Outcome]:
    """Sync every application; raises GitOpsError only for what concerns the run as a whole."""
    _check_cluster(run)
    state = _look(run)
    quiet = unchanged.find(state)
    for name in sorted(quiet):
        yield recording.recorded(state, quiet[name])
    applications = run.settings.applications
    rest = sorted(applications.keys() - quiet.keys())
    retired = _retired(state)
    if run.dry:
        yield from _sync_and_retire(state, rest, retired)
    elif retired or any(not applications[name].options.suspend for name in rest):
        yield from _sync_and_retire_alone(state, rest, retired)
    else:
        yield from (summary.suspended(name) for name in rest)
        recording.touch_lease(state)
    if run.settings.watched and not run.stop.requested:
        yield _watched(state, run.settings.watched)


def _watched(state: State, watched: Watched) -> Outcome:
    from gitops.run.account import watch  # noqa: PLC0415 - jobs without `watched` do not need it

    return watch(state, watched)


def _check_cluster(run: Run) -> None:
    if run.settings.cluster and (found := run.cluster.uid()) != run.settings.cluster.uid:
        raise RefusedError(
            f"the cluster has the uid {found}; the settings are for {run.settings.cluster.uid}"
        )


def _look(run: Run) -> State:
    """Read the records of earlier runs while the remotes are asked for their commits."""
    remembered = run.cluster.pool.submit(run.store.recall)
    commits = sources.ask(run, remembered)
    memory = remembered.result()
    for name in memory.successes.keys() - run.settings.applications.keys():
        del memory.successes[name]
    return State(run, memory, commits)


def _sync_and_retire_alone(state: State, rest: Sequence[str], retired: Sequence[str]) -> Iterator[Outcome]:
    """Hold the Lease while reading and writing."""
    with ExitStack() as turn:
        try:
            state.run.stop.check()
            if rest:
                state.run.reader.prepare()
            mine = turn.enter_context(take_turn(state))
        except GitOpsError as error:
            yield from (summary.failed(name, "", error) for name in (*rest, *retired))
            return
        with suppress(ClusterError):  # what is left over can wait
            mine.run.store.collect(mine.memory, mine.run.clock())
        yield from _sync_and_retire(mine, rest, retired)


def _sync_and_retire(state: State, rest: Sequence[str], retired: Sequence[str]) -> Iterator[Outcome]:
    """Read everything, then write: what one application deletes, another may want."""
    found = survey(state, rest)
    yield from (sync_application(found, name) for name in found.takers_first(rest))
    yield from (retire_application(found, name) for name in retired if name in _retired(state))


def _retired(state: State) -> list[str]:
    """Name the applications that left the settings, also those whose inventory is damaged."""
    recorded = state.memory.inventories.keys() | state.memory.damaged.keys()
    return sorted(recorded - state.run.settings.applications.keys())
