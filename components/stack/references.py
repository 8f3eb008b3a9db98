"""Which ConfigMaps and Secrets the pods of a manifest read, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.objects.manifest import Manifest
from kube.pods import mapping, pod_of

# What brings a Secret of the same name, or of the name of its target, into the namespace.
_BRINGS_SECRET = frozenset({"ExternalSecret", "SealedSecret", "Secret"})


def provided(manifest: Manifest) -> tuple[str, str] | None:
    """Say which configuration an object provides to pods: its kind, ConfigMap or Secret, and name."""
    if manifest.kind == "ConfigMap":
        return "ConfigMap", manifest.name
    if manifest.kind in _BRINGS_SECRET:
        target = mapping(mapping(manifest.object.get("spec")).get("target")).get("name")
        return "Secret", str(target or manifest.name)
    return None


def needed(manifest: Manifest) -> set[tuple[str, str]]:
    """List the configuration that the pods of an object read, as `provided` names it."""
    return set(_references(pod_of(manifest.object)))


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """Search a pod for references; they look alike in volumes, projections, `env` and `envFrom`."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            name = mapping(item).get("secretName") or mapping(item).get("name")
            if isinstance(name, str) and key in {"configMap", "configMapRef", "configMapKeyRef"}:
                yield "ConfigMap", name
            elif isinstance(name, str) and key in {"secret", "secretRef", "secretKeyRef"}:
                yield "Secret", name
            else:
                yield from _references(item)
