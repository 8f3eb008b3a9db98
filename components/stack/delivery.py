"""Divides the objects of an environment between Pulumi and the GitOps job; each has exactly one writer."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from components.objects.manifest import Manifest, Part
from components.objects.rendered import app_folder
from envs.config.model.app import Source
from envs.config.model.environment import Environment
from kube.pods import images
from kube.yaml.write import to_yaml


@dataclass(frozen=True, slots=True)
class Pulled:
    """What the GitOps job applies and Pulumi only shows: a workload, or an app with a separate source."""

    app: str
    name: str
    """Namespace/workload; stable, as it identifies the resource in the stack."""
    inputs: dict[str, Any]
    """What a preview compares and a policy judges: images, paths and a digest of the objects."""


def pushed(environment: Environment, manifests: Iterable[Manifest]) -> list[Manifest]:
    """Choose the objects that Pulumi writes: every fence, and the workloads of apps with `delivery: push`."""
    return [manifest for manifest in manifests if not _is_pulled(environment, manifest)]


def pulled(environment: Environment, manifests: Iterable[Manifest]) -> Iterator[Pulled]:
    """Sum up the objects that the GitOps job writes, one summary per workload."""
    objects: dict[tuple[str, ...], list[Manifest]] = defaultdict(list)
    for manifest in manifests:
        if _is_pulled(environment, manifest):
            objects[manifest.source].append(manifest)
    for source, members in objects.items():
        app = members[0].app
        yield Pulled(app, f"{environment.namespace(app)}/{source[-1]}", _content(environment, app, members))
    for app, model in environment.pulled().items():
        if model.source is not None:
            yield Pulled(app, f"{environment.namespace(app)}/source", _elsewhere(model.source))


def _is_pulled(environment: Environment, manifest: Manifest) -> bool:
    return manifest.part is Part.WORKLOAD and environment.apps[manifest.app].delivery == "pull"


def _content(environment: Environment, app: str, members: list[Manifest]) -> dict[str, Any]:
    text = "---\n".join(to_yaml(manifest.object) for manifest in members)
    return {
        "path": app_folder(environment.name, app),
        # By object, so that a policy can tell which object an exemption names.
        "images": {
            manifest.id: list(found.values()) for manifest in members if (found := images(manifest.object))
        },
        "objects": [manifest.id for manifest in members],
        "digest": f"sha256:{hashlib.sha256(text.encode()).hexdigest()}",
    }


def _elsewhere(source: Source) -> dict[str, Any]:
    return {"repository": source.repo, "path": source.path, "revision": source.revision}
