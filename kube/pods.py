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
        for position, (_, container) in enumerate(listed_containers(body))
        if "image" in container
    }


def pod_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the pod specification; empty where the object has none. Custom kinds are taken to hold it as most do."""
    value: Any = body
    for step in _pod_steps(body):
        value = value.get(step) if isinstance(value, Mapping) else None
    return mapping(value)


def listed_containers(body: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yield the containers of an object with the steps to each, init containers first."""
    pod = pod_of(body)
    for listed in ("initContainers", "containers"):
        containers = pod.get(listed)
        for number, container in enumerate(containers if isinstance(containers, list) else ()):
            if isinstance(container, Mapping):
                yield (*_pod_steps(body), listed, str(number)), container


def _pod_steps(body: Mapping[str, Any]) -> tuple[str, ...]:
    return (*TEMPLATES.get(str(body.get("kind")), _TEMPLATE), "spec")


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the value if it is a mapping, else an empty one: a verbatim object may hold anything in its place."""
    return value if isinstance(value, Mapping) else {}
