"""Deletes and creates an object whose change the API server refuses as immutable, if the object allows it."""

from __future__ import annotations

import re

from gitops.cluster.api import Connection, Resource
from gitops.errors import ClusterError
from gitops.objects import REPLACE, Body, DesiredObject, annotations_of

_CONFLICT, _INVALID = 409, 422
_EXISTS = "AlreadyExists"
# How the API server words that a field cannot change; every cause must be of this kind, or the object is
# merely invalid and must not be deleted.
_IMMUTABLE = re.compile(
    r"immutable|may not (be )?change|cannot (be )?change|not be updated|updates to .+ are forbidden"
    r"|updates to \w+ spec for fields other than|may not be updated",
    re.IGNORECASE,
)


def immutable(error: ClusterError) -> bool:
    """Tell whether a change was refused because of immutable fields alone."""
    causes = error.causes or (str(error),)
    return error.status == _INVALID and all(_IMMUTABLE.search(cause) for cause in causes)


def replaceable(error: ClusterError, manifest: DesiredObject) -> bool:
    """Tell whether an object whose change was refused may be deleted and created again."""
    return annotations_of(manifest.body).get(REPLACE) == "when-immutable" and immutable(error)


def prove(cluster: Connection, resource: Resource, wanted: Body) -> None:
    """Dry-run the creation of an object that exists; raises ClusterError if it would be refused.

    Defaulting, validation and admission come before the server looks whether the name is taken, so that of an
    object that may be created the answer is AlreadyExists (k8s.io/apiserver, registry.Store.Create). Another
    name would be judged by other rules: policies and definitions refer to names.
    """
    try:
        cluster.create(resource, wanted, dry_run=True)
    except ClusterError as error:
        if error.status == _CONFLICT and error.reason == _EXISTS:
            return
        message = f"must be replaced, and its creation would be refused, so it was not deleted: {error}"
        raise ClusterError(message, error.status, error.reason, error.causes) from error


def replace(cluster: Connection, resource: Resource, live: Body, wanted: Body) -> Body:
    """Delete the object and create the wanted one; raises ClusterError."""
    prove(cluster, resource, wanted)
    metadata = live["metadata"]
    if not cluster.delete(resource, metadata.get("namespace", ""), metadata["name"], metadata["uid"]):
        raise ClusterError("is being deleted to be replaced; the next run creates it")
    return cluster.apply(resource, wanted)
