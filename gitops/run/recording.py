"""Writes what a run leaves behind. Status and Events are best effort: where they fail, the outcome says so."""

from __future__ import annotations

from dataclasses import replace

from gitops.cluster.inventory import Inventory
from gitops.errors import GitOpsError, InternalError, exit_code
from gitops.report.outcome import Outcome, Sync
from gitops.run import summary
from gitops.run.job import State


def saved(state: State, inventory: Inventory, outcome: Outcome) -> Outcome:
    """Save the inventory after an application was reconciled; a failure leaves the changes in the report.

    The inventory that was announced before the first write names every object, so that nothing is lost.
    """
    try:
        state.save(inventory)
    except GitOpsError as error:
        note = f"the inventory could not be written, the next run examines all objects again: {error}"
        code = exit_code([outcome.code, error.code])
        return replace(_noted(outcome, note), sync=Sync.OUT_OF_SYNC, code=code)
    return outcome


def recorded(state: State, outcome: Outcome) -> Outcome:
    """Write the status of an application and an Event."""
    run = state.run
    if run.dry:
        return outcome
    try:
        summary.record(run.store, state.memory, outcome, run.clock())
    except GitOpsError as error:
        return _noted(outcome, f"the status could not be written: {error}")
    except Exception as error:  # noqa: BLE001 - whatever one application does stays with it
        return _noted(outcome, f"the status could not be written: {InternalError(error)}")
    return outcome


def free_lease(state: State) -> None:
    """Renew the Lease without a holder as a sign of life; where that fails, it expires."""
    try:
        state.lease(hold=False)
    except GitOpsError as error:
        state.run.notes.append(f"the Lease could not be written: {error}")


def _noted(outcome: Outcome, note: str) -> Outcome:
    return replace(outcome, message="\n".join(filter(None, (outcome.message, note))))
