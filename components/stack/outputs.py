"""Lists the outputs of a stack: namespaces, addresses and images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.job.job import NAME as JOB
from components.objects.manifest import Manifest
from kube.pods import images

Outputs = dict[str, dict[str, Any]]


def outputs(manifests: Iterable[Manifest]) -> Outputs:
    """Return the namespace of each app, the addresses of its Services and hosts, and its images."""
    found: Outputs = {"namespaces": {}, "services": {}, "hosts": {}, "images": {}}
    for manifest in manifests:
        app = manifest.app or JOB
        key = f"{app}/{manifest.name}"
        match manifest.kind:
            case "Namespace":
                found["namespaces"][app] = manifest.name
            case "Service":
                found["services"][key] = list(_addresses(manifest))
            case "Ingress":
                found["hosts"][key] = [
                    str(rule["host"])
                    for rule in _items(manifest, "rules")
                    if isinstance(rule, Mapping) and "host" in rule
                ]
            case "HTTPRoute":
                found["hosts"][key] = [str(host) for host in _items(manifest, "hostnames")]
        if running := images(manifest.object):
            found["images"][key] = list(running.values())
    return found


def _addresses(manifest: Manifest) -> Iterator[str]:
    for port in _items(manifest, "ports"):
        if isinstance(port, Mapping) and "port" in port:
            yield f"{manifest.name}.{manifest.namespace}.svc:{port['port']}"


def _items(manifest: Manifest, field: str) -> list[Any]:
    """Take a list of the spec, which any valid object may leave out and a verbatim one may misspell."""
    spec = manifest.object.get("spec")
    value = spec.get(field) if isinstance(spec, Mapping) else None
    return value if isinstance(value, list) else []
