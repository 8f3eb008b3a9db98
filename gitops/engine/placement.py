"""Finds where wanted objects are served, by the kinds of the API server and the namespace of the application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from gitops.cluster.api import Connection, Resource
from gitops.cluster.inventory import Record
from gitops.objects import Body, DesiredObject, Key, duplicates, key_of, mapping
from kube.yaml.faults import Fault


@dataclass(frozen=True)
class Placed:
    """Manifests with their namespaces, and where the API serves each object."""

    manifests: tuple[DesiredObject, ...]
    resources: Mapping[Key, Resource]
    undefined: tuple[Key, ...] = ()  # their definition is part of the application and not served yet
    faults: tuple[Fault, ...] = field(default=())


def place(cluster: Connection, manifests: Iterable[DesiredObject], namespace: str) -> Placed:
    """Discover the kinds of all manifests."""
    manifests = list(manifests)
    defined = {name for manifest in manifests for name in _defines(manifest)}
    placed, resources, undefined, faults = [], {}, [], []
    for manifest in manifests:
        version, kind = manifest.body["apiVersion"], manifest.body["kind"]
        resource = cluster.resource(version, kind)
        if resource is not None:
            settled = _settled(manifest, namespace, namespaced=resource.namespaced)
            placed.append(settled)
            resources[settled.key] = resource
        elif (manifest.key.group, kind) in defined:
            undefined.append(manifest.key)
        else:
            message = f"{manifest.key}: the API server does not know the kind {kind} of {version}"
            faults.append(Fault(manifest.origin, "", message))
    faults += duplicates(placed)
    return Placed(tuple(placed), resources, tuple(undefined), tuple(faults))


def _defines(manifest: DesiredObject) -> list[tuple[str, str]]:
    if manifest.key.kind != "CustomResourceDefinition":
        return []
    spec = mapping(manifest.body.get("spec"))
    return [(str(spec.get("group")), str(mapping(spec.get("names")).get("kind")))]


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

    found = {key_of(body): body for bodies in cluster.each(collect, lists) for body in bodies}
    bodies = cluster.each(lambda key: cluster.get(places[key], "", key.name), singles)
    found |= {key: body for key, body in zip(singles, bodies, strict=True) if body is not None}
    return found


def recorded_places(cluster: Connection, records: Mapping[Key, Record]) -> dict[Key, Resource]:
    """Find where recorded objects are served; without their kind they no longer exist."""
    places = {}
    for key, record in records.items():
        resource = cluster.resource(record.api_version, key.kind)
        if resource is not None:
            places[key] = resource
    return places
