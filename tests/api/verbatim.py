"""Sends manifests to the API server as they are, so that it sees every field, also misspelt ones.

In: a manifest as read from YAML. Out: a generic lightkube resource; lightkube's typed ones drop unknown fields.
"""

from pathlib import Path
from typing import Any

import yaml
from lightkube.core.resource import NamespacedResource, api_info
from lightkube.core.resource_registry import resource_registry
from lightkube.generic_resource import (
    GenericGlobalResource,
    GenericNamespacedResource,
    create_namespaced_resource,
)

from kube.kinds import plural
from tests.api.custom_resources import KINDS

Verbatim = GenericNamespacedResource | GenericGlobalResource


def verbatim(manifest: dict[str, Any]) -> Verbatim:
    """Return the manifest as a resource that lightkube sends unchanged."""
    typed = _typed(manifest["apiVersion"], manifest["kind"])
    generic = GenericNamespacedResource if issubclass(typed, NamespacedResource) else GenericGlobalResource
    made: Verbatim = type(manifest["kind"], (generic,), {"_api_info": api_info(typed)})(manifest)
    return made


def _typed(version: str, kind: str) -> type[Any]:
    """Find the resource of a kind, which is namespaced where it is another project's."""
    group, _, number = version.rpartition("/")
    if "." in group and (group, number, kind) in {entry[:3] for entry in KINDS}:
        return create_namespaced_resource(group, number, kind, plural(kind))
    found: type[Any] = resource_registry.load(version, kind)
    return found


def read_tree(folder: Path) -> list[dict[str, Any]]:
    """Return the manifests of all YAML files below the folder, namespaces first."""
    manifests = [
        found for path in sorted(folder.rglob("*.yaml")) for found in yaml.safe_load_all(path.read_text())
    ]
    return sorted(manifests, key=lambda manifest: bool(manifest["kind"] != "Namespace"))
