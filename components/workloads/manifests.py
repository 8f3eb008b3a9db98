"""The `manifests:` of an app: its objects as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.errors import ComponentError
from components.objects.identity import identity
from components.objects.manifest import Scope
from kube.kinds import CLUSTER_SCOPED, FENCE_KINDS


def manifests(scope: Scope) -> Iterator[tuple[str, dict[str, Any]]]:
    """Make the `manifests` of an app, verbatim, in its namespace and with its labels."""
    for key, value in scope.app.manifests.items():
        yield key, complete(scope, ("apps", scope.name, "manifests", key), value)


def complete(scope: Scope, path: tuple[str, ...], value: dict[str, Any]) -> dict[str, Any]:
    """Put an object into the namespace of its app, with its labels; raises ComponentError for what is not of an app."""
    if not all(field and isinstance(field, str) for field in identity(value)[:3]):
        raise ComponentError(
            path,
            "is not a Kubernetes object; it needs apiVersion, kind and metadata.name, all of them texts",
        )
    if "items" in value and value["kind"].endswith("List"):
        raise ComponentError((*path, "kind"), "is a list of objects; write each one here under its own name")
    _check_kind(path, value["kind"])
    metadata = value["metadata"]
    namespace = metadata.get("namespace", scope.namespace)
    if namespace != scope.namespace:
        raise ComponentError(
            (*path, "metadata", "namespace"),
            f"the objects of an app are in {scope.namespace}; delete this line",
        )
    own = metadata.get("labels") or {}
    if not isinstance(own, Mapping):
        raise ComponentError((*path, "metadata", "labels"), "is not a mapping; write key: value")
    labels = {**scope.labels, **own}
    return {**value, "metadata": {**metadata, "namespace": scope.namespace, "labels": labels}}


def _check_kind(path: tuple[str, ...], kind: str) -> None:
    if kind == "Secret":
        raise ComponentError(
            (*path, "kind"), "a Secret in Git is readable by everyone; use the `secrets` of a workload"
        )
    if kind in FENCE_KINDS:
        raise ComponentError((*path, "kind"), f"{kind} belongs to the fence, which an app does not change")
    if kind in CLUSTER_SCOPED:
        raise ComponentError((*path, "kind"), f"{kind} is cluster-scoped, and an app owns one namespace")
