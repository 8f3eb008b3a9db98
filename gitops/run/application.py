"""Sync one application of a run, or retire it because it is no longer in the settings."""

from __future__ import annotations

from dataclasses import replace

from gitops.cluster.inventory import Inventory
from gitops.engine import reconcile
from gitops.engine.plan import Target
from gitops.errors import GitOpsError, InternalError, RefusedError
from gitops.report.outcome import Outcome
from gitops.run import recording, summary
from gitops.run.job import State
from gitops.run.wanted import read_wanted
from gitops.source import project


def sync_application(state: State, name: str) -> Outcome:
    """Apply the source of an application; its failures do not affect the others."""
    run = state.run
    application = run.settings.applications[name]
    if application.options.suspend:
        return summary.suspended(name)
    started = run.clock()
    try:
        outcome = _attempt(state, name)
    except Exception as error:  # noqa: BLE001 - whatever one application does stays with it
        outcome = summary.failed(name, "", InternalError(error))
    outcome = replace(outcome, seconds=(run.clock() - started).total_seconds())
    return recording.recorded(state, outcome)


def _attempt(state: State, name: str) -> Outcome:
    application = state.run.settings.applications[name]
    commit = ""
    try:
        if name in state.memory.damaged:
            raise RefusedError(f"{state.memory.damaged[name]}; restore or delete ConfigMap inventory-{name}")
        commit = state.commit_of(application)
        return _reconcile(state, name, commit)
    except GitOpsError as error:
        return summary.failed(name, commit, error)


def _reconcile(state: State, name: str, commit: str) -> Outcome:
    run = state.run
    application = run.settings.applications[name]
    if refusal := project.refused_application(application, run.settings.projects[application.project]):
        raise RefusedError(refusal)
    tree, wanted = read_wanted(run, application, commit)
    options = application.options
    target = Target(run.owner(name), application.namespace, options, state.claims(name))
    if not run.dry:
        state.lease(hold=True)
    before = state.memory.inventories.get(name, Inventory(name))
    mode = reconcile.Mode(
        announce=state.save,
        lifted=options.may_delete in {commit, tree},
        advice=f"write `mayDelete: {tree}` below apps.{name}.gitops in a layer",
        dry=run.dry,
    )
    cluster = replace(run.cluster, retry=options.retry)
    reconciled = reconcile.reconcile(cluster, target, wanted, before, mode)
    after = replace(
        reconciled.inventory,
        commit=commit,
        tree=tree if reconciled.complete else "",
        settings=run.concerns(application),
        prune=options.prune,
    )
    outcome = summary.of(name, commit, reconciled)
    if run.dry or after == state.memory.inventories.get(name):
        return outcome
    return recording.saved(state, after, outcome)


def retire_application(state: State, name: str) -> Outcome:
    """Prune or orphan the objects of an application that is no longer in the settings."""
    run = state.run
    started = run.clock()
    before = state.memory.inventories[name]
    try:
        if not run.dry:
            state.lease(hold=True)
        reconciled = reconcile.retire(run.cluster, run.owner(name), before, dry=run.dry)
        if not run.dry and reconciled.complete:
            run.store.remove(state.memory, name)
        elif not run.dry:
            state.save(reconciled.inventory)
    except GitOpsError as error:
        return summary.failed(name, before.commit, error)
    except Exception as error:  # noqa: BLE001 - whatever one application does stays with it
        return summary.failed(name, before.commit, InternalError(error))
    return replace(
        summary.of(name, before.commit, reconciled),
        message=f"is no longer in the settings and was {'pruned' if before.prune else 'orphaned'}",
        seconds=(run.clock() - started).total_seconds(),
    )
