"""The `manifests:` of an app: its objects as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.errors import ComponentError
from components.objects.identity import identity
from components.objects.manifest import Scope
from kube.kind_lists import is_cluster_scoped, is_fence
from kube.kinds import group_kind
from kube.schema.index import index


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
    _check_kind(path, value["apiVersion"], value["kind"])
    metadata = value["metadata"]
    own = metadata.get("labels") or {}
    if not isinstance(own, Mapping):
        raise ComponentError((*path, "metadata", "labels"), "is not a mapping; write key: value")
    labels = {**scope.labels, **own}
    return {**value, "metadata": {**metadata, **_namespace(scope, path, value), "labels": labels}}


def _namespace(scope: Scope, path: tuple[str, ...], value: Mapping[str, Any]) -> dict[str, str]:
    """Return the namespace of an object as a part of its metadata; empty for one without."""
    namespace = value["metadata"].get("namespace")
    place = (*path, "metadata", "namespace")
    if _is_cluster_scoped(scope, value["apiVersion"], value["kind"]):
        if scope.app.scope != "cluster":
            advice = "only an app with `scope: cluster`, which `policies.clusterApps` names, holds it"
            raise ComponentError((*path, "kind"), f"{value['kind']} is cluster-scoped; {advice}")
        if namespace is not None:
            raise ComponentError(place, f"{value['kind']} is cluster-scoped; delete this line")
        return {}
    if namespace not in {None, scope.namespace}:
        raise ComponentError(place, f"the objects of an app are in {scope.namespace}; delete this line")
    return {"namespace": scope.namespace}


def _is_cluster_scoped(scope: Scope, api_version: str, kind: str) -> bool:
    """Whether a kind has no namespace, as Kubernetes or the environment says."""
    environment = scope.environment
    listed = environment.policies.kinds.get(group_kind(api_version, kind))
    if listed is not None and listed.scope is not None:
        return listed.scope == "cluster"
    return is_cluster_scoped(api_version, kind, index(environment.cluster.version))


def _check_kind(path: tuple[str, ...], api_version: str, kind: str) -> None:
    if group_kind(api_version, kind) == "Secret":
        raise ComponentError(
            (*path, "kind"), "a Secret in Git is readable by everyone; use the `secrets` of a workload"
        )
    if is_fence(api_version, kind):
        raise ComponentError((*path, "kind"), f"{kind} belongs to the fence, which an app does not change")
