"""Sync one application of a run, or retire it because it is no longer in the settings."""

from __future__ import annotations

from dataclasses import replace

from gitops.cluster.inventory import Inventory
from gitops.engine.plan import Target
from gitops.engine.reconcile import reconcile
from gitops.engine.retirement import retire
from gitops.engine.work import Mode
from gitops.errors import GitOpsError, InternalError, RefusedError, SourceError
from gitops.report.outcome import Outcome
from gitops.run import keeping, recording, summary
from gitops.run.survey import Survey
from gitops.run.wanted import Reading
from gitops.settings import Options


def sync_application(survey: Survey, name: str) -> Outcome:
    """Apply what was read of an application; its failures do not affect the others."""
    state, run = survey.state, survey.state.run
    if run.settings.applications[name].options.suspend:
        return summary.suspended(name)
    reading = survey.readings[name]
    if halted := run.halted():
        return summary.failed(name, reading.commit, halted)
    started = run.clock()
    try:
        outcome = _reconcile(survey, name, reading)
    except GitOpsError as error:
        outcome = summary.failed(name, reading.commit, run.halted() or error)
    except Exception as error:  # noqa: BLE001 - whatever one application does stays with it
        outcome = summary.failed(name, reading.commit, InternalError(error))
    if isinstance(reading.error, SourceError):
        known = state.memory.inventories.get(name, Inventory(name)).commit
        outcome = replace(outcome, commit=known, away_since=keeping.since(state, name))
    seconds = reading.seconds + (run.clock() - started).total_seconds()
    return recording.recorded(state, replace(outcome, seconds=seconds))


def _reconcile(survey: Survey, name: str, reading: Reading) -> Outcome:
    if reading.error is not None:
        raise reading.error
    keeping.keep(survey.state, name, reading)
    state, run = survey.state, survey.state.run
    application = run.settings.applications[name]
    options = application.options
    target = Target(run.owner(name), application.namespace, options, survey.of(name))
    before = state.memory.inventories.get(name, Inventory(name))
    mode = Mode(
        announce=state.save,
        lifted=options.may_delete in {reading.commit, reading.tree},
        advice=f"write `mayDelete: {reading.tree}` below apps.{name}.gitops in a layer",
        dry=run.dry,
    )
    cluster = replace(run.cluster, retry=options.retry)
    reconciled = reconcile(cluster, target, reading.wanted, before, mode)
    after = replace(
        reconciled.inventory,
        commit=reading.commit,
        tree=reading.tree if reconciled.complete else "",
        settings=run.concerns(application),
        prune=options.prune,
    )
    outcome = summary.of(name, reading.commit, reconciled)
    outcome = replace(outcome, notes=summary.notes(reconciled.bodies, options))
    if reading.failure is not None:
        outcome = summary.stale(outcome, reading.failure, keeping.since(state, name))
    return recording.saved(state, after, outcome)


def retire_application(survey: Survey, name: str) -> Outcome:
    """Prune or orphan the objects of an application that is no longer in the settings.

    Refused while its inventory is damaged, while the settings hold no application at all, since they are more
    likely wrong than meant, and while nobody has confirmed that its objects may be deleted.
    """
    state, run = survey.state, survey.state.run
    started = run.clock()
    before = state.memory.inventories.get(name, Inventory(name))
    if halted := run.halted():
        return summary.failed(name, before.commit, halted)
    try:
        _refuse(survey, name)
        outcome = _retire(survey, name, before)
    except GitOpsError as error:
        outcome = summary.failed(name, before.commit, run.halted() or error)
    except Exception as error:  # noqa: BLE001 - whatever one application does stays with it
        outcome = summary.failed(name, before.commit, InternalError(error))
    outcome = replace(outcome, seconds=(run.clock() - started).total_seconds())
    return recording.recorded(state, outcome) if name in state.memory.inventories else outcome


def _refuse(survey: Survey, name: str) -> None:
    damaged = survey.state.memory.damaged
    if name in damaged:
        advice = f"restore ConfigMap inventory-{name}, or delete it to leave its objects in the cluster"
        raise RefusedError(f"is no longer in the settings, and {damaged[name]}; {advice}")
    if not survey.state.run.settings.applications:
        raise RefusedError(
            "the settings hold no application, so that nothing is retired; add one, or delete its objects by hand"
        )


def _retire(survey: Survey, name: str, before: Inventory) -> Outcome:
    state, run = survey.state, survey.state.run
    mode = Mode(
        announce=state.save,
        lifted=name in run.settings.may_retire,
        advice=f"write `mayRetire: {name}` below gitops in a layer",
        dry=run.dry,
    )
    target = Target(run.owner(name), "", Options(prune=before.prune), survey.of(name))
    reconciled = retire(run.cluster, target, before, mode)
    outcome = summary.of(name, before.commit, reconciled)
    done = "was pruned" if before.prune else "was orphaned"
    text = f"is no longer in the settings and {done if reconciled.complete else 'is being pruned'}"
    outcome = replace(outcome, message="\n".join(filter(None, (text, outcome.message))))
    if not reconciled.complete:
        return recording.saved(state, reconciled.inventory, outcome)
    return recording.removed(state, name, outcome)
