"""One run: compares every application with its source, and writes what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress

from gitops.cluster.lease import Lease
from gitops.errors import ClusterError, RefusedError, SourceError, StoppedError
from gitops.report.outcome import Outcome
from gitops.run import summary, unchanged
from gitops.run.application import retire_application, sync_application
from gitops.run.job import Commits, Run, State
from gitops.run.turn import take_turn
from gitops.source import repository


def sync_all(run: Run) -> Iterator[Outcome]:
    """Sync every application; raises GitOpsError only for what concerns the run as a whole."""
    _check_cluster(run)
    state = _look(run)
    quiet = unchanged.find(state)
    for name in sorted(quiet):
        if not run.dry:
            summary.record(run.store, state.memory, quiet[name], run.clock())
        yield quiet[name]
    applications = run.settings.applications
    rest = sorted(applications.keys() - quiet.keys())
    retired = sorted(state.memory.inventories.keys() - applications.keys())
    if run.dry:
        yield from _sync_and_retire(state, rest, retired)
    elif retired or any(not applications[name].options.suspend for name in rest):
        yield from _sync_and_retire_alone(state, rest, retired)
    else:
        yield from (summary.suspended(name) for name in rest)
        Lease(run.store.cluster, run.store.namespace, run.name, run.clock).touch(state.memory.trees)


def _check_cluster(run: Run) -> None:
    if run.settings.cluster and (found := run.cluster.uid()) != run.settings.cluster.uid:
        raise RefusedError(
            f"the cluster has the uid {found}; the settings are for {run.settings.cluster.uid}"
        )


def _look(run: Run) -> State:
    """Read the records of earlier runs while the remotes are asked for their commits."""
    remembered = run.cluster.pool.submit(run.store.recall)
    applications = run.settings.applications.values()
    urls = sorted({each.source.repository for each in applications if not each.options.suspend})
    commits = dict(run.cluster.each(lambda url: (url, _resolve_revisions(run, url)), urls))
    return State(run, remembered.result(), commits)


def _resolve_revisions(run: Run, url: str) -> Commits:
    applications = run.settings.applications.values()
    revisions = {each.source.revision for each in applications if each.source.repository == url}
    try:
        git = run.git(url)
        git.prepare()
        return repository.resolve(git, revisions)
    except SourceError as error:
        return dict.fromkeys(revisions, error)


def _sync_and_retire_alone(state: State, rest: Sequence[str], retired: Sequence[str]) -> Iterator[Outcome]:
    """Hold the Lease while writing."""
    with ExitStack() as turn:
        try:
            state.run.stop.check()
            mine = turn.enter_context(take_turn(state))
        except (RefusedError, StoppedError) as error:
            yield from (summary.failed(name, "", error) for name in (*rest, *retired))
            return
        with suppress(ClusterError):  # what is left over can wait
            mine.run.store.collect(mine.memory, mine.run.clock())
        yield from _sync_and_retire(mine, rest, retired)


def _sync_and_retire(state: State, rest: Sequence[str], retired: Sequence[str]) -> Iterator[Outcome]:
    yield from (sync_application(state, name) for name in rest)
    yield from (retire_application(state, name) for name in retired if name in state.memory.inventories)
