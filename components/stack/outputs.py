"""Lists the outputs of a stack: namespaces, addresses and images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from components.job.job import NAME as JOB
from components.objects.manifest import Manifest
from components.stack.delivery import images

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
                found["hosts"][key] = [rule["host"] for rule in manifest.object["spec"]["rules"]]
            case "HTTPRoute":
                found["hosts"][key] = list(manifest.object["spec"]["hostnames"])
        if running := images(manifest):
            found["images"][key] = running
    return found


def _addresses(manifest: Manifest) -> Iterator[str]:
    for port in manifest.object["spec"].get("ports") or ():
        yield f"{manifest.name}.{manifest.namespace}.svc:{port['port']}"
