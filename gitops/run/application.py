"""Sync one application of a run, or retire it because it is no longer in the settings."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from gitops.cluster.inventory import Inventory
from gitops.engine import reconcile
from gitops.engine.plan import Target
from gitops.errors import ClusterError, GitOpsError, LeaseLostError, RefusedError
from gitops.report.outcome import Outcome
from gitops.run import summary
from gitops.run.job import State
from gitops.run.wanted import read_wanted
from gitops.source import project


def sync_application(state: State, name: str) -> Outcome:
    """Apply the source of an application; its failures do not affect the others."""
    run = state.run
    application = run.settings.applications[name]
    if application.options.suspend:
        return summary.suspended(name)
    if halted := run.halted():
        return summary.failed(name, "", halted)
    started = run.clock()
    commit = ""
    try:
        if name in state.memory.damaged:
            raise RefusedError(f"{state.memory.damaged[name]}; restore or delete ConfigMap inventory-{name}")
        commit = state.commit_of(application)
        outcome = _reconcile(state, name, commit)
    except GitOpsError as error:
        outcome = summary.failed(name, commit, run.halted() or error)
    outcome = replace(outcome, seconds=(run.clock() - started).total_seconds())
    if not run.dry:
        with suppress(LeaseLostError):  # the status is now another run's to write
            summary.record(run.store, state.memory, outcome, run.clock())
    return outcome


def _reconcile(state: State, name: str, commit: str) -> Outcome:
    run = state.run
    application = run.settings.applications[name]
    if refusal := project.refused_application(application, run.settings.projects[application.project]):
        raise RefusedError(refusal)
    tree, wanted = read_wanted(run, application, commit)
    options = application.options
    target = Target(run.owner(name), application.namespace, options, state.claims(name))
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
    return _saved(state, after, summary.of(name, commit, reconciled))


def _saved(state: State, after: Inventory, outcome: Outcome) -> Outcome:
    """Save the inventory; what was done is reported, whatever becomes of it."""
    run = state.run
    try:
        if not run.dry and after != state.memory.inventories.get(after.application):
            state.save(after)
    except ClusterError as error:
        return summary.halted(outcome, error)
    halted = run.halted()
    return summary.halted(outcome, halted) if halted else outcome


def retire_application(state: State, name: str) -> Outcome:
    """Prune or orphan the objects of an application that is no longer in the settings."""
    run = state.run
    started = run.clock()
    before = state.memory.inventories[name]
    if halted := run.halted():
        return summary.failed(name, before.commit, halted)
    try:
        reconciled = reconcile.retire(run.cluster, run.owner(name), before, dry=run.dry)
        if not run.dry and reconciled.complete:
            run.store.remove(state.memory, name)
        elif not run.dry:
            state.save(reconciled.inventory)
    except (ClusterError, RefusedError) as error:
        return summary.failed(name, before.commit, error)
    return replace(
        summary.of(name, before.commit, reconciled),
        message=f"is no longer in the settings and was {'pruned' if before.prune else 'orphaned'}",
        seconds=(run.clock() - started).total_seconds(),
    )
