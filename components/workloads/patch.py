"""The `patch:` of a workload: strategic merge patches on the objects that it renders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.errors import ComponentError
from components.objects.identity import identity
from components.objects.manifest import Scope
from envs.config.model.workload import Workload
from envs.config.reading.faults import suggestion
from kube.pods import images, listed_containers
from kube.schema.index import ANY, index
from kube.schema.merge import MergeError, strategic_merge


def patched(
    scope: Scope, name: str, workload: Workload, objects: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Apply the patches of a workload to its objects; keys are Kind, or Kind/name where there are several."""
    result = list(objects)
    for key, patch in workload.patch.items():
        path = ("apps", scope.name, "workloads", name, "patch", key)
        number = _chosen(result, key, path)
        before = result[number]
        _check_images(scope, name, before, patch, path)
        after = _merged(scope, before, patch, path)
        if identity(before) != identity(after):
            raise ComponentError(path, "must not change apiVersion, kind, name or namespace")
        _check_containers(before, after, path)
        result[number] = after
    return result


def _chosen(objects: list[dict[str, Any]], key: str, path: tuple[str, ...]) -> int:
    matching = [n for n, item in enumerate(objects) if key in {item["kind"], _kind_and_name(item)}]
    if len(matching) != 1:
        known = sorted({*(item["kind"] for item in objects), *map(_kind_and_name, objects)})
        problem = "matches several objects" if matching else "matches no object of this workload"
        raise ComponentError(path, f"{problem}; there are {', '.join(known)}{suggestion(key, known)}")
    return matching[0]


def _merged(
    scope: Scope, item: dict[str, Any], patch: Mapping[str, Any], path: tuple[str, ...]
) -> dict[str, Any]:
    api = index(scope.environment.cluster.version)
    of = api.kind(item["apiVersion"], item["kind"]) or ANY
    try:
        merged = strategic_merge(item, patch, of, api)
    except MergeError as error:
        raise ComponentError((*path, *error.path), str(error)) from error
    if not isinstance(merged, dict):
        raise ComponentError(path, "removes the whole object; remove what makes it instead")
    return merged


def _check_images(
    scope: Scope, workload: str, item: Mapping[str, Any], patch: Mapping[str, Any], path: tuple[str, ...]
) -> None:
    """Refuse the image of a container that the workload has: its release could no longer change it."""
    rendered = images(item)
    for below, container in listed_containers({**patch, "kind": item["kind"]}):
        name = container.get("name")
        if name in rendered and "image" in container:
            advice = _where(scope, workload, str(name))
            message = f"the image of a container is not patched, or a release would change nothing; {advice}"
            raise ComponentError((*path, *below, "image"), message)


def _where(scope: Scope, workload: str, name: str) -> str:
    file = f"environments/releases/{scope.environment.name}/{scope.name}/{workload}.yaml"
    if name == workload:
        return f"write it as `image` of the workload, or in {file}"
    return f"write it as `image` of the container {name} in `init` or `sidecars`, or in {file}"


def _check_containers(before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]) -> None:
    """Refuse what replaces or removes a container together with its image."""
    kept = images(after)
    for name, image in images(before).items():
        if kept.get(name) != image:
            message = f"removes the container {name}, or its image; patch its other fields by its name"
            raise ComponentError(path, message)


def _kind_and_name(item: Mapping[str, Any]) -> str:
    metadata = item.get("metadata")
    return f"{item.get('kind')}/{metadata.get('name')}" if isinstance(metadata, Mapping) else ""
