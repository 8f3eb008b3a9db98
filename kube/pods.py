"""Where an object describes the pods that it starts, and the images that they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_TEMPLATE = ("spec", "template")
TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"), _TEMPLATE
    ),
}
"""Steps to the pod template, by kind; a Pod is one itself."""


def images(body: Mapping[str, Any]) -> dict[str, str]:
    """Map the containers of an object to their images, init containers first; empty where it runs no pods."""
    return {
        str(container.get("name", position)): str(container["image"])
        for position, container in enumerate(_containers(body))
        if "image" in container
    }


def _containers(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """List the containers of a pod template; custom kinds are taken to hold theirs where most others do."""
    value: Any = body
    for step in (*TEMPLATES.get(str(body.get("kind")), _TEMPLATE), "spec"):
        value = value.get(step) if isinstance(value, Mapping) else None
    for listed in ("initContainers", "containers"):
        containers = value.get(listed) if isinstance(value, Mapping) else None
        for container in containers if isinstance(containers, list) else ():
            if isinstance(container, Mapping):
                yield container
