"""The escape hatches: verbatim objects of an app, and merge patches on objects of a workload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.errors import ComponentError
from components.objects.manifest import Scope
from envs.config.model.workload import Workload
from envs.config.reading.faults import suggestion
from kube.kinds import CLUSTER_SCOPED, FENCE_KINDS


def verbatim(scope: Scope) -> Iterator[tuple[str, dict[str, Any]]]:
    """Make the `manifests` of an app, verbatim, in its namespace and with its labels."""
    for key, value in scope.app.manifests.items():
        path = ("apps", scope.name, "manifests", key)
        if not all(field and isinstance(field, str) for field in _fixed(value)[:3]):
            raise ComponentError(
                path,
                "is not a Kubernetes object; it needs apiVersion, kind and metadata.name, all of them texts",
            )
        if "items" in value and value["kind"].endswith("List"):
            raise ComponentError(
                (*path, "kind"), "is a list of objects; write each one here under its own name"
            )
        _check_kind(path, value["kind"])
        metadata = value["metadata"]
        namespace = metadata.get("namespace", scope.namespace)
        if namespace != scope.namespace:
            raise ComponentError(
                (*path, "metadata", "namespace"),
                f"an app's objects live in {scope.namespace}; delete this line",
            )
        own = metadata.get("labels") or {}
        if not isinstance(own, Mapping):
            raise ComponentError((*path, "metadata", "labels"), "is not a mapping; write key: value")
        labels = {**scope.labels, **own}
        yield key, {**value, "metadata": {**metadata, "namespace": scope.namespace, "labels": labels}}


def _check_kind(path: tuple[str, ...], kind: str) -> None:
    if kind == "Secret":
        raise ComponentError(
            (*path, "kind"), "a Secret in Git is readable by everyone; use the `secrets` of a workload"
        )
    if kind in FENCE_KINDS:
        raise ComponentError((*path, "kind"), f"{kind} belongs to the fence, which an app does not change")
    if kind in CLUSTER_SCOPED:
        raise ComponentError((*path, "kind"), f"{kind} is cluster-scoped, and an app owns one namespace")


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
        if _fixed(before) != _fixed(after):
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


def _fixed(item: Mapping[str, Any]) -> list[Any]:
    """Return what identifies an object and must survive a patch."""
    metadata = item.get("metadata")
    named = metadata if isinstance(metadata, Mapping) else {}
    return [item.get("apiVersion"), item.get("kind"), named.get("name"), named.get("namespace")]


def _identity(item: Mapping[str, Any]) -> str:
    metadata = item.get("metadata")
    return f"{item.get('kind')}/{metadata.get('name')}" if isinstance(metadata, Mapping) else ""
