"""Deletes what is no longer wanted, rank by rank, and keeps namespaces that somebody still uses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from gitops.cluster.api import Connection, Resource
from gitops.cluster.inventory import Record
from gitops.engine.neighbours import Neighbours
from gitops.engine.order import removal
from gitops.engine.prune import Pruning
from gitops.errors import ClusterError, HaltedError
from gitops.objects import PRUNE, Body, Key, annotations_of, key_of
from gitops.report.outcome import Action, Change

_FORBIDDEN, _NOT_FOUND, _NO_LIST = 403, 404, 405
# What Kubernetes makes in each namespace, and what comes and goes with other objects.
_ALWAYS_THERE = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
_BY_THEMSELVES = {"Endpoints", "EndpointSlice", "Event", "NodeMetrics", "PodMetrics"}

_OPT_IN = f"to have it deleted, annotate it with {PRUNE}: enabled before it leaves Git"


@dataclass(frozen=True)
class Deletion:
    """The objects to delete, where they are served, and what is known of them."""

    cluster: Connection
    pruning: Pruning
    places: Mapping[Key, Resource]
    records: Mapping[Key, Record]
    live: Mapping[Key, Body]
    everything: bool = False  # namespaces in use as well
    dry: bool = False

    def rank(self, key: Key) -> tuple[int, int, bool]:
        """Return the rank of an object."""
        return removal(key, self.records[key].wave)


def reports(task: Deletion, neighbours: Neighbours) -> Iterator[Change]:
    """Say of objects that are no longer wanted why they are still there."""
    for key in task.pruning.waiting:
        yield Change(key, Action.DELETING, message=_why_it_stays(task.live.get(key, {})))
    for key in task.pruning.held:
        yield Change(key, Action.HELD, message=neighbours.holds(key))
    for key in task.pruning.hidden:
        message = (
            f"left Git, and the job may no longer read {key.qualified_kind} there; let it, for example by "
            "`formerKinds` of the app in a layer"
        )
        yield Change(key, Action.FAILED, message=message, status=_FORBIDDEN)


def _why_it_stays(live: Body) -> str:
    finalizers = (live.get("metadata") or {}).get("finalizers") or ()
    return f"has finalizers: {', '.join(finalizers)}" if finalizers else "is being deleted"


def departures(pruning: Pruning) -> Iterator[Change]:
    """Say which objects leave the inventory and stay in the cluster."""
    for key in pruning.kept:
        yield Change(key, Action.ORPHANED, message="left in the cluster")
    for key in pruning.guarded:
        message = f"left in the cluster, since data would go with it; {_OPT_IN}"
        yield Change(key, Action.ORPHANED, message=message)
    for key in pruning.foreign:
        yield Change(key, Action.RELEASED, message="is no longer ours")


def delete(task: Deletion) -> Iterator[Change]:
    """Delete backwards and yield each change.

    A rank waits until all of the ranks before it are gone, since a controller must live as long as it has to remove
    a finalizer from its objects.
    """
    left = {key: task.rank(key) for key in task.pruning.waiting}
    for rank, keys in groupby(task.pruning.delete, key=task.rank):
        before = sorted(key for key, other in left.items() if other > rank)
        for key in keys:
            if before:
                yield Change(key, Action.HELD, message=f"is deleted once {before[0]} is gone")
                continue
            change = _delete(task, key)
            if change.action in {Action.DELETING, Action.FAILED, Action.WAITING}:
                left[key] = rank
            yield change


def _delete(task: Deletion, key: Key) -> Change:
    try:
        if reason := _in_use(task, key):
            return Change(key, Action.ORPHANED, message=f"left in the cluster: {reason}")
        if task.dry:
            return Change(key, Action.DELETED)
        task.cluster.begin()
        gone = task.cluster.delete(task.places[key], key.namespace, key.name, task.records[key].uid)
    except HaltedError as error:
        return Change(key, Action.WAITING, message=f"is still to be deleted: {error}")
    except ClusterError as error:
        message = f"could not be deleted and stays in the inventory: {error}"
        return Change(key, Action.FAILED, message=message, status=error.status)
    return Change(key, Action.DELETED if gone else Action.DELETING)


def _in_use(task: Deletion, key: Key) -> str:
    """Say what a namespace is still used for, unless it says that all of it may go."""
    opted = annotations_of(task.live.get(key, {})).get(PRUNE) == "enabled"
    if key.qualified_kind != "Namespace" or opted or task.everything:
        return ""
    try:
        users = _users(task.cluster, key.name, {*task.pruning.delete, *task.pruning.waiting})
    except ClusterError as error:
        if error.status != _FORBIDDEN:
            raise
        return f"whether it is in use cannot be told ({error}); {_OPT_IN}"
    if not users:
        return ""
    more = f" and {len(users) - 1} more" if len(users) > 1 else ""
    return f"it is in use by {users[0]}{more}; {_OPT_IN}"


def _users(cluster: Connection, namespace: str, known: Collection[Key]) -> list[Key]:
    """List the objects in a namespace that neither go with it nor with another object."""
    collections = [(kind, resource) for kind, resource in cluster.collections() if resource.namespaced]

    def collect(each: tuple[str, Resource]) -> list[Body]:
        try:
            return cluster.objects(each[1], each[0], namespace)
        except ClusterError as error:
            if error.status in {_NOT_FOUND, _NO_LIST}:
                return []
            raise

    bodies = [body for found in cluster.each(collect, collections) for body in found]
    return sorted(key_of(body) for body in bodies if key_of(body) not in known and _of_somebody(body))


def _of_somebody(body: Body) -> bool:
    metadata = body["metadata"]
    goes = metadata.get("ownerReferences") or metadata.get("deletionTimestamp")
    always = body["kind"] in _BY_THEMSELVES or (body["kind"], metadata["name"]) in _ALWAYS_THERE
    return not goes and not always
