"""A run's turn to write: it holds the Lease, and it stops when the Lease is lost or SIGTERM comes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from gitops.cluster.lease import Lease
from gitops.errors import HaltedError
from gitops.run.job import Run, State
from gitops.run.stop import Stop


@dataclass(frozen=True)
class Turn:
    """What may be sent while this run holds the Lease."""

    lease: Lease
    stop: Stop

    def allow(self, *, writes: bool) -> None:
        """Decide on a request: no write without the Lease."""
        if writes:
            self.lease.check()

    def begin(self) -> None:
        """Decide on the work on an object: after SIGTERM what was begun is finished, such as a replacement."""
        self.stop.check()
        self.lease.check()

    def halted(self) -> HaltedError | None:
        """Say why this run may not go on, if so."""
        try:
            self.begin()
        except HaltedError as error:
            return error
        return None


@contextmanager
def take_turn(state: State) -> Iterator[State]:
    """Hold the Lease, and read again what another run has written since; raises RefusedError."""
    run = state.run
    lease = Lease(run.store.cluster, run.store.namespace, run.name, run.clock)
    turn = Turn(lease, run.stop)
    with lease.hold(state.memory.trees, state.memory.successes):
        working = replace(run.cluster, allow=turn.allow, begin=turn.begin, wait=run.stop.wait)
        recording = replace(run.store.cluster, allow=turn.allow, wait=run.stop.wait)
        store = replace(run.store, cluster=recording)
        own: Run = replace(run, cluster=working, store=store, halted=turn.halted)
        # The Lease is written at the end, with the successes of this run.
        memory = replace(store.recall(), successes=state.memory.successes)
        yield replace(state, run=own, memory=memory)
    if lease.unreleased:
        run.notes.append(f"the Lease could not be written: {lease.unreleased}")
