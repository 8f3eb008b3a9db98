"""The escape hatches: verbatim objects of an app, and merge patches on what a workload renders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.errors import ComponentError
from components.kinds import CLUSTER_SCOPED, FENCE_KINDS
from components.manifest import Scope
from environments.faults import suggestion
from environments.workload import Workload

_FIXED = ("apiVersion", "kind")  # a patch that changes these makes another object


def verbatim(scope: Scope) -> Iterator[tuple[str, dict[str, Any]]]:
    """Take an app's `manifests` as they are, in its namespace and with its labels."""
    for key, value in scope.app.manifests.items():
        path = ("apps", scope.name, "manifests", key)
        kind, metadata = value.get("kind"), value.get("metadata")
        if (
            not value.get("apiVersion")
            or not kind
            or not isinstance(metadata, Mapping)
            or not metadata.get("name")
        ):
            raise ComponentError(
                path, "is not a Kubernetes object; it needs apiVersion, kind and metadata.name"
            )
        _check_kind(path, str(kind))
        namespace = metadata.get("namespace", scope.namespace)
        if namespace != scope.namespace:
            raise ComponentError(
                (*path, "metadata", "namespace"),
                f"an app's objects live in {scope.namespace}; delete this line",
            )
        labels = {**scope.labels, **(metadata.get("labels") or {})}
        yield key, {**value, "metadata": {**metadata, "namespace": scope.namespace, "labels": labels}}


def _check_kind(path: tuple[str, ...], kind: str) -> None:
    if kind == "Secret":
        raise ComponentError(
            (*path, "kind"), "a Secret in Git is readable by all; use the `secrets` of a workload"
        )
    if kind in FENCE_KINDS:
        raise ComponentError((*path, "kind"), f"{kind} belongs to the fence, which an app does not change")
    if kind in CLUSTER_SCOPED:
        raise ComponentError(
            (*path, "kind"), f"{kind} is of the whole cluster, and an app owns one namespace of it"
        )


def patched(
    scope: Scope, name: str, workload: Workload, objects: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Apply the patches of a workload to its objects; keys are Kind, or Kind/name where there are several."""
    path = ("apps", scope.name, "workloads", name, "patch")
    result = list(objects)
    for key, patch in workload.patch.items():
        matching = [n for n, item in enumerate(result) if key in {item["kind"], _identity(item)}]
        if len(matching) != 1:
            known = sorted({*(item["kind"] for item in result), *map(_identity, result)})
            problem = "matches several objects" if matching else "matches no object of this workload"
            raise ComponentError(
                (*path, key), f"{problem}; there are {', '.join(known)}{suggestion(key, known)}"
            )
        before = result[matching[0]]
        after = merge_patch(before, patch)
        if any(before[field] != after.get(field) for field in _FIXED) or _identity(before) != _identity(
            after
        ):
            raise ComponentError((*path, key), "must not change apiVersion, kind, name or namespace")
        result[matching[0]] = after
    return result


def merge_patch(target: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7386): mappings merge, null removes, all else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def _identity(item: Mapping[str, Any]) -> str:
    metadata = item.get("metadata")
    return f"{item.get('kind')}/{metadata.get('name')}" if isinstance(metadata, Mapping) else ""
