"""The work of a run on what may have changed: it holds the Lease, reads everything, and then writes.

A run that finds nothing changed does not import it, nor what it needs: the rest of the engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress

from gitops.errors import ClusterError, GitOpsError
from gitops.report.outcome import Outcome
from gitops.run import summary
from gitops.run.application import retire_application, sync_application
from gitops.run.job import State
from gitops.run.survey import survey
from gitops.run.turn import take_turn


def sync_alone(state: State, rest: Sequence[str], retired: Sequence[str]) -> Iterator[Outcome]:
    """Sync some applications and retire those that left the settings, as the only run that writes."""
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
        yield from sync(mine, rest, retired)


def sync(state: State, rest: Sequence[str], retired: Sequence[str]) -> Iterator[Outcome]:
    """Read everything, then write: what one application deletes, another may want."""
    found = survey(state, rest)
    if not state.run.settings.watched:
        state.run.reader.close()
    yield from (sync_application(found, name) for name in found.takers_first(rest))
    yield from (retire_application(found, name) for name in retired if name in state.retired)
