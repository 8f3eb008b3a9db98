"""Finds objects in the applications' namespaces that neither an application nor a controller manages."""

from __future__ import annotations

from gitops.engine import placement
from gitops.objects import Body, Key, key_of, owner
from gitops.run.job import Run

# Kubernetes creates these in every namespace.
_ALWAYS_THERE = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}


def find(run: Run) -> list[Key]:
    """List foreign objects of the kinds that the applications use; they are never changed."""
    records = [inventory.records for inventory in run.store.recall().inventories.values()]
    places = placement.recorded_places(run.cluster, {key: each[key] for each in records for key in each})
    bodies = placement.live_objects(run.cluster, places).values()
    return sorted(key_of(body) for body in bodies if _foreign(body))


def _foreign(body: Body) -> bool:
    metadata = body["metadata"]
    owned = owner(body) or metadata.get("ownerReferences")
    return not owned and (body["kind"], metadata["name"]) not in _ALWAYS_THERE
