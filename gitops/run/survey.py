"""Reads the sources of all applications before anything is written: what one deletes, another may want."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gitops.engine import placement
from gitops.engine.neighbours import Neighbour, Neighbours
from gitops.errors import GitOpsError, InternalError, RefusedError, SourceError
from gitops.objects import Key
from gitops.run import keeping
from gitops.run.job import Run, State
from gitops.run.wanted import Reading, check_wanted, read_wanted
from gitops.settings import Application
from gitops.source import project


@dataclass(frozen=True)
class Survey:
    """All applications of a run: those that were read, and those that have not changed."""

    state: State
    readings: Mapping[str, Reading]
    neighbours: Mapping[str, Neighbour]

    def of(self, name: str) -> Neighbours:
        """Return all applications but one."""
        return Neighbours(tuple(each for other, each in self.neighbours.items() if other != name))

    def takers_first(self, names: Iterable[str]) -> list[str]:
        """Order applications so that one that takes over objects is applied before the one that had them."""
        held = {
            key: name
            for name, inventory in self.state.memory.inventories.items()
            for key in inventory.records
        }
        rest = sorted(names)
        givers = {name: {held.get(key, name) for key in self.readings[name].keys} - {name} for name in rest}
        ordered: list[str] = []
        while rest:
            given = {giver for name in rest for giver in givers[name]}
            # Where two swap objects, one goes first and the next run ends it.
            free = [name for name in rest if name not in given] or rest[:1]
            ordered += free
            rest = [name for name in rest if name not in free]
        return ordered


def survey(state: State, names: Sequence[str]) -> Survey:
    """Read the sources of some applications; all others are as their inventories say, or not known at all."""
    _list_ahead(state, names)
    readings = {name: _read(state, name) for name in names}
    known = state.run.settings.applications.keys() | state.memory.damaged.keys()
    neighbours = {name: _neighbour(state, name, readings.get(name)) for name in sorted(known)}
    return Survey(state, readings, neighbours)


def _list_ahead(state: State, names: Sequence[str]) -> None:
    """List the objects of an application while its source is read, unless others write before it is compared."""
    if len(names) == 1 and not state.retired and names[0] in state.memory.inventories:
        placement.ask_ahead(state.run.cluster, state.memory.inventories[names[0]].records)


def _neighbour(state: State, name: str, reading: Reading | None) -> Neighbour:
    """Tell what an application wants: what was read, or its inventory if it has not changed."""
    run = state.run
    application = run.settings.applications.get(name)
    inventory = state.memory.inventories.get(name)
    recorded = frozenset(inventory.records) if inventory else frozenset()
    if application is None:  # it left the settings, and its inventory is damaged
        return Neighbour(run.owner(name), readable=False)
    may_use = _permission(state, name)
    unknown = application.options.suspend or name in state.memory.damaged
    if unknown or (reading is not None and not reading.is_current):
        return Neighbour(run.owner(name), recorded, readable=False, may_use=may_use)
    return Neighbour(run.owner(name), reading.keys if reading else recorded)


def _permission(state: State, name: str) -> Callable[[Key], bool]:
    rules = state.run.settings.projects[state.run.settings.applications[name].project]
    return lambda key: project.permits(key, rules)


def _read(state: State, name: str) -> Reading:
    run = state.run
    application = run.settings.applications[name]
    if application.options.suspend:
        return Reading()
    if halted := run.halted():
        return Reading(error=halted)
    started = run.clock()
    reading = _contained(state, name)
    return replace(reading, seconds=(run.clock() - started).total_seconds())


def _contained(state: State, name: str) -> Reading:
    """Read an application; whatever goes wrong stays with it, and the last commit stands in for a failed source."""
    run = state.run
    application = run.settings.applications[name]
    commit = ""
    try:
        _check_inventory(state, name)
        _check_project(run, application)
        commit = state.commit_of(application)
        tree, wanted = read_wanted(run, application, commit)
        return _placed(run, application, Reading(commit, tree, tuple(wanted)))
    except SourceError as error:
        return _stand_in(state, name, commit, error)
    except GitOpsError as error:
        return Reading(commit, error=error)
    except Exception as error:  # noqa: BLE001 - whatever one application does stays with it
        return Reading(commit, error=InternalError(error))


def _stand_in(state: State, name: str, commit: str, error: SourceError) -> Reading:
    """Go on with the last commit that was fetched, if it was kept; what holds for it now is checked again."""
    run, application = state.run, state.run.settings.applications[name]
    try:
        kept = keeping.last(state, name)
        if kept is None:
            return Reading(commit, error=error)
        check_wanted(run, application, kept.wanted)
        return _placed(run, application, Reading(kept.commit, kept.tree, kept.wanted, failure=error))
    except GitOpsError as other:
        return Reading(commit, error=other)
    except Exception as other:  # noqa: BLE001 - whatever one application does stays with it
        return Reading(commit, error=InternalError(other))


def _placed(run: Run, application: Application, reading: Reading) -> Reading:
    placed = placement.place(run.cluster, reading.wanted, application.namespace)
    keys = frozenset(manifest.key for manifest in placed.manifests)
    return replace(reading, keys=keys, complete=not placed.faults)


def _check_inventory(state: State, name: str) -> None:
    if name in state.memory.damaged:
        raise RefusedError(f"{state.memory.damaged[name]}; restore or delete ConfigMap inventory-{name}")


def _check_project(run: Run, application: Application) -> None:
    if refusal := project.refused_application(application, run.settings.projects[application.project]):
        raise RefusedError(refusal)
