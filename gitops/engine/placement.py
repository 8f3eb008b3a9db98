"""Finds where wanted objects are served, by the kinds of the API server and the namespace of the application."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gitops.cluster.api import Connection, Resource
from gitops.cluster.inventory import Record
from gitops.engine import definitions
from gitops.errors import ClusterError
from gitops.objects import Body, DesiredObject, Key, duplicates, key_of
from kube.yaml.faults import Fault

_FORBIDDEN = 403


@dataclass(frozen=True)
class Placed:
    """Manifests with their namespaces, and where the API serves each object."""

    manifests: tuple[DesiredObject, ...]
    resources: Mapping[Key, Resource]
    awaited: Mapping[Key, Resource] = field(
        default_factory=dict
    )  # a definition among the manifests is not served yet
    faults: tuple[Fault, ...] = field(default=())


def place(cluster: Connection, manifests: Iterable[DesiredObject], namespace: str) -> Placed:
    """Discover the kinds of all manifests."""
    manifests = list(manifests)
    defined = definitions.defined(manifests)
    placed: list[DesiredObject] = []
    resources: dict[Key, Resource] = {}
    awaited: dict[Key, Resource] = {}
    faults: list[Fault] = []
    for manifest in manifests:
        version, kind = manifest.body["apiVersion"], manifest.body["kind"]
        served = cluster.resource(version, kind)
        resource = served or defined.get((version, kind))
        if resource is None:
            message = f"{manifest.key}: the API server does not know the kind {kind} of {version}"
            faults.append(Fault(manifest.origin, "", message))
            continue
        settled = _settled(manifest, namespace, namespaced=resource.namespaced)
        placed.append(settled)
        (resources if served else awaited)[settled.key] = resource
    faults += duplicates(placed)
    return Placed(tuple(placed), resources, awaited, tuple(faults))


def _settled(manifest: DesiredObject, namespace: str, *, namespaced: bool) -> DesiredObject:
    """Set the namespace of a namespaced object, and remove it from a cluster-scoped one."""
    metadata = {name: value for name, value in manifest.body["metadata"].items() if name != "namespace"}
    if namespaced:
        metadata["namespace"] = manifest.key.namespace or namespace
    body = manifest.body | {"metadata": metadata}
    return replace(manifest, key=key_of(body), body=body)


def live_objects(cluster: Connection, places: Mapping[Key, Resource]) -> dict[Key, Body]:
    """Read the live objects: one LIST per kind and namespace, cluster-scoped objects one by one.

    Reading one by one needs no permission to list objects of others.
    """
    lists = sorted(
        {(place.api_version, key.kind, key.namespace) for key, place in places.items() if place.namespaced}
    )
    singles = [key for key, place in places.items() if not place.namespaced]
    by_kind = {(place.api_version, key.kind): place for key, place in places.items()}

    def collect(wanted: tuple[str, str, str]) -> list[Body]:
        version, kind, namespace = wanted
        return cluster.objects(by_kind[version, kind], kind, namespace)

    listed = ((key_of(body), body) for bodies in cluster.each(collect, lists) for body in bodies)
    found = {key: body for key, body in listed if _as_placed(places.get(key), body)}
    bodies = cluster.each(lambda key: cluster.get(places[key], "", key.name), singles)
    found |= {key: body for key, body in zip(singles, bodies, strict=True) if body is not None}
    return found


def _as_placed(place: Resource | None, body: Body) -> bool:
    """Tell whether an object was read in the version in which it is wanted; its kind may be listed in several."""
    return place is None or place.api_version == body["apiVersion"]


def visible_objects(
    cluster: Connection, places: Mapping[Key, Resource]
) -> tuple[dict[Key, Body], frozenset[Key]]:
    """Read kind by kind, so that a forbidden one does not hide the others; the second result is what is hidden.

    The first result has all objects of the kinds and namespaces, not only the wanted ones.
    """
    kinds: dict[tuple[str, str, str], list[Key]] = defaultdict(list)
    for key, place in places.items():
        kinds[place.api_version, key.kind, key.namespace].append(key)
    found = cluster.each(lambda keys: _readable(cluster, keys, places), kinds.values())
    live: dict[Key, Body] = {}
    hidden: set[Key] = set()
    for keys, bodies in zip(kinds.values(), found, strict=True):
        if bodies is None:
            hidden |= set(keys)
        else:
            read = ((key_of(body), body) for body in bodies)
            live |= {key: body for key, body in read if _as_placed(places.get(key), body)}
    return live, frozenset(hidden)


def _readable(cluster: Connection, keys: Sequence[Key], places: Mapping[Key, Resource]) -> list[Body] | None:
    """Read a kind in a namespace, or cluster-scoped objects by their names; None if that is forbidden."""
    first, place = keys[0], places[keys[0]]
    try:
        if place.namespaced:
            return cluster.objects(place, first.kind, first.namespace)
        bodies = [cluster.get(place, "", key.name) for key in keys]
    except ClusterError as error:
        if error.status != _FORBIDDEN:
            raise
        return None
    return [body for body in bodies if body is not None]


def all_objects(
    cluster: Connection, wanted: Mapping[Key, Resource], recorded: Mapping[Key, Resource]
) -> tuple[dict[Key, Body], frozenset[Key]]:
    """Read wanted objects, and recorded ones as far as the rights go: rights to a kind may end with its last object.

    Raises ClusterError when wanted objects cannot be read; the second result is what is hidden.
    """
    served = {(key.group, key.kind): place for key, place in wanted.items()}
    stale = {
        key: served.get((key.group, key.kind), place) for key, place in recorded.items() if key not in wanted
    }
    lists = {(key.group, key.kind, key.namespace) for key, place in wanted.items() if place.namespaced}
    live = live_objects(cluster, wanted)
    unread = {key: place for key, place in stale.items() if (key.group, key.kind, key.namespace) not in lists}
    more, hidden = visible_objects(cluster, unread)
    return live | more, hidden


def ask_ahead(cluster: Connection, records: Mapping[Key, Record]) -> None:
    """List the kinds of recorded objects while other work is done, for whoever reads them next."""
    places = {
        (record.api_version, record.plural, key.kind, key.namespace)
        for key, record in records.items()
        if record.namespaced
    }
    for version, plural, kind, namespace in sorted(places):
        cluster.ask_ahead(Resource(version, plural, namespaced=True), kind, namespace)


def recorded_places(cluster: Connection, records: Mapping[Key, Record]) -> dict[Key, Resource]:
    """Find where recorded objects are served, in whatever version; without their kind they no longer exist."""
    places = {}
    for key, record in records.items():
        resource = cluster.resource(record.api_version, key.kind) or cluster.served(key.group, key.kind)
        if resource is not None:
            places[key] = resource
    return places
