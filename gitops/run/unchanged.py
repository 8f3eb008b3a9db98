"""Finds the applications that have changed neither in Git nor in the cluster since the last run.

It costs one LIST per kind and namespace, and a fetch of trees where the commit is another one.
"""

from __future__ import annotations

from collections.abc import Mapping

from gitops.cluster.api import Resource
from gitops.cluster.inventory import Inventory
from gitops.engine import ownership, placement, plan
from gitops.errors import ClusterError, SourceError
from gitops.objects import Body, Key
from gitops.report.outcome import Outcome
from gitops.run import summary
from gitops.run.job import Run, State
from gitops.settings import Application
from gitops.source import repository


def find(state: State) -> dict[str, Outcome]:
    """Return the outcomes of the unchanged applications."""
    applications = state.run.settings.applications
    candidates = {
        name: inventory
        for name, inventory in state.memory.inventories.items()
        if name in applications and _same_source(state, inventory)
    }
    places = {
        key: Resource(record.api_version, record.plural, record.namespaced)
        for inventory in candidates.values()
        for key, record in inventory.records.items()
    }
    try:
        live = placement.live_objects(state.run.cluster, places)
    except ClusterError:
        return {}  # the full run fails in the same way, and can report it per application
    return {
        name: summary.quiet(inventory, live, applications[name].options)
        for name, inventory in candidates.items()
        if _untouched_or_strange(applications[name], inventory, live)
    }


def _same_source(state: State, inventory: Inventory) -> bool:
    """Tell whether settings and Git tree are those of the last complete run."""
    application = state.run.settings.applications[inventory.application]
    suspended = application.options.suspend
    if suspended or not inventory.tree or inventory.settings != state.run.concerns(application):
        return False
    try:
        commit = state.commit_of(application)
    except SourceError:
        return False
    seen = f"{commit} {inventory.tree}"
    if commit == inventory.commit or state.memory.trees.get(inventory.application) == seen:
        return True
    if _tree(state.run, application, commit) != inventory.tree:
        return False
    state.memory.trees[inventory.application] = seen
    return True


def _tree(run: Run, application: Application, commit: str) -> str:
    git = run.git(application.source.repository)
    try:
        repository.fetch(git, [commit], application.source.revision)
        return repository.tree(git, commit, application.source.path)
    except SourceError:
        return ""


def _untouched_or_strange(application: Application, inventory: Inventory, live: Mapping[Key, Body]) -> bool:
    """Leave what cannot be compared to the full run of the application, which reports it."""
    try:
        return _untouched(application, inventory, live)
    except Exception:  # noqa: BLE001 - whatever one application does stays with it
        return False


def _untouched(application: Application, inventory: Inventory, live: Mapping[Key, Body]) -> bool:
    mine = {key: live[key] for key in inventory.records if key in live}
    scaled = plan.autoscaled(mine.values())
    for key, record in inventory.records.items():
        alone = ownership.pointers(key, mine.get(key), application.options, scaled)
        if not plan.untouched(mine.get(key), record, application.options, alone):
            return False
    return True
