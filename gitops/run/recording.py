"""Writes what a run leaves behind. Status and Events are best effort: where they fail, the outcome says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gitops.cluster.inventory import Inventory
from gitops.cluster.lease import Lease
from gitops.errors import GitOpsError, HaltedError, InternalError, LeaseLostError, exit_code
from gitops.report import notice
from gitops.report.outcome import Outcome, Sync
from gitops.run import summary
from gitops.run.job import State
from kube.moments import moment


def saved(state: State, inventory: Inventory, outcome: Outcome) -> Outcome:
    """Save the inventory after an application was reconciled; what was done is reported, whatever becomes of it.

    The inventory that was announced before the first write names every object, so that nothing is lost.
    """
    run = state.run
    if not run.dry and inventory != state.memory.inventories.get(inventory.application):
        unsaved = "the inventory could not be written, the next run examines all objects again"
        outcome = _written(outcome, lambda: state.save(inventory), unsaved)
    halted = run.halted()
    return summary.halted(outcome, halted) if halted else outcome


def removed(state: State, name: str, outcome: Outcome) -> Outcome:
    """Delete the records of an application that is gone; what was done is reported, whatever becomes of it."""
    if state.run.dry:
        return outcome
    left = "the inventory could not be deleted, the next run tries again"
    return _written(outcome, lambda: state.run.store.remove(state.memory, name), left)


def _written(outcome: Outcome, write: Callable[[], None], failure: str) -> Outcome:
    try:
        write()
    except HaltedError as error:
        return summary.halted(outcome, error)
    except GitOpsError as error:
        code = exit_code([outcome.code, error.code])
        return replace(_noted(outcome, f"{failure}: {error}"), sync=Sync.OUT_OF_SYNC, code=code)
    return outcome


def recorded(state: State, outcome: Outcome) -> Outcome:
    """Write the status of an application and Events, and note when it was synced without a fault."""
    run = state.run
    if run.dry:
        return outcome
    if outcome.sync is Sync.IN_SYNC and outcome.code == 0:
        state.memory.successes[outcome.application] = moment(run.clock())
    run.successes.update(state.memory.successes)
    news = notice.news_of(outcome, state.memory.statuses.get(outcome.application, {}))
    run.news.extend([news] if news else [])
    try:
        summary.record(run.store, state.memory, outcome, run.clock())
    except LeaseLostError:
        return outcome  # the status is now another run's to write
    except GitOpsError as error:
        return _noted(outcome, f"the status could not be written: {error}")
    except Exception as error:  # noqa: BLE001 - whatever one application does stays with it
        return _noted(outcome, f"the status could not be written: {InternalError(error)}")
    return outcome


def touch_lease(state: State) -> None:
    """Renew the Lease without a holder as a sign of life, where nothing had to be done."""
    run = state.run
    try:
        Lease(run.store.cluster, run.store.namespace, run.name, run.clock).touch(
            state.memory.lease, state.memory.trees, state.memory.successes
        )
    except GitOpsError as error:
        state.run.notes.append(f"the Lease could not be written: {error}")


def _noted(outcome: Outcome, note: str) -> Outcome:
    return replace(outcome, message="\n".join(filter(None, (outcome.message, note))))
