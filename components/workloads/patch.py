"""The `patch:` of a workload: merge patches on the objects that it renders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.errors import ComponentError
from components.objects.identity import identity
from components.objects.manifest import Scope
from envs.config.model.workload import Workload
from envs.config.reading.faults import suggestion


def patched(
    scope: Scope, name: str, workload: Workload, objects: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Apply the patches of a workload to its objects; keys are Kind, or Kind/name where there are several."""
    path = ("apps", scope.name, "workloads", name, "patch")
    result = list(objects)
    for key, patch in workload.patch.items():
        matching = [n for n, item in enumerate(result) if key in {item["kind"], _kind_and_name(item)}]
        if len(matching) != 1:
            known = sorted({*(item["kind"] for item in result), *map(_kind_and_name, result)})
            problem = "matches several objects" if matching else "matches no object of this workload"
            raise ComponentError(
                (*path, key), f"{problem}; there are {', '.join(known)}{suggestion(key, known)}"
            )
        before = result[matching[0]]
        after = merge_patch(before, patch)
        if identity(before) != identity(after):
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


def _kind_and_name(item: Mapping[str, Any]) -> str:
    metadata = item.get("metadata")
    return f"{item.get('kind')}/{metadata.get('name')}" if isinstance(metadata, Mapping) else ""
