"""Finds every pod that an object would start; all rules about pods use it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from kube.image import Image, ImageError, parse_image
from kube.pods import TEMPLATES
from policies.subject import Subject, dig, entries, mapping, named_entries, step, text

BUILTIN_GROUPS = frozenset({"", "apps", "batch", "extensions"})
LONG_RUNNING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"})
CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")

# These constrain pods of others and start none.
POLICY_GROUPS = ("kyverno.io", "gatekeeper.sh")
DEEPEST = 40


@dataclass(frozen=True)
class PodContainer:
    """One container of a pod, of whichever of the three lists."""

    spec: dict[str, Any]
    path: str
    listed: str

    @property
    def security(self) -> Any:
        """Security context as written; UNKNOWN where Pulumi does not know it yet."""
        return dig(self.spec, "securityContext")

    @property
    def sidecar(self) -> bool:
        """Whether this is an init container that keeps running (KEP-753)."""
        return self.listed == "initContainers" and self.spec.get("restartPolicy") == "Always"


@dataclass(frozen=True)
class ImageUse:
    """An image field: its text, and the parsed image or the error."""

    path: str
    written: Any
    image: Image | None = None
    error: str = ""


@dataclass(frozen=True)
class Pod:
    """A pod or a pod template; a partial one, such as a patch, may lack fields."""

    spec: dict[str, Any]
    metadata: dict[str, Any]
    path: str
    metadata_path: str
    long_running: bool = False
    partial: bool = False

    @property
    def prefix(self) -> str:
        """Path prefix of the fields in the spec."""
        return f"{self.path}." if self.path else ""

    @property
    def labels(self) -> dict[str, str]:
        """Labels of the pod, for selectors."""
        return {
            key: value
            for key, value in mapping(self.metadata.get("labels")).items()
            if isinstance(value, str)
        }

    @cached_property
    def containers(self) -> list[PodContainer]:
        """Init, ordinary and ephemeral containers, in this order."""
        return [
            PodContainer(entry, f"{self.prefix}{name}", listed)
            for listed in CONTAINER_LISTS
            for name, entry in named_entries(listed, self.spec.get(listed))
        ]

    @cached_property
    def volumes(self) -> list[tuple[str, dict[str, Any]]]:
        """Volumes, each with its path."""
        return [
            (f"{self.prefix}{name}", entry)
            for name, entry in named_entries("volumes", self.spec.get("volumes"))
        ]

    @cached_property
    def images(self) -> list[ImageUse]:
        """Parse every image of containers and image volumes (KEP-4639)."""
        written = [(f"{container.path}.image", container.spec.get("image")) for container in self.containers]
        for path, volume in self.volumes:
            if volume.get("image") is not None:
                written.append((f"{path}.image.reference", dig(volume, "image", "reference")))
        return [_use(path, value) for path, value in written if value is not None or not self.partial]


def pods(subject: Subject) -> list[Pod]:
    """Yield every pod that the object is, controls or embeds."""
    if subject.group in BUILTIN_GROUPS and subject.kind in TEMPLATES:
        return [_builtin(subject)]
    if subject.builtin or subject.group.endswith(POLICY_GROUPS):
        return []
    found = _embedded(subject.manifest, "", DEEPEST)
    return [replace(pod, partial=True) for pod in found] if subject.partial else list(found)


def _builtin(subject: Subject) -> Pod:
    where = TEMPLATES[subject.kind]
    template = mapping(dig(subject.manifest, *where))
    prefix = "".join(f"{key}." for key in where)
    spec = mapping(template.get("spec"))
    restarts = subject.kind == "Pod" and spec.get("restartPolicy", "Always") == "Always"
    return Pod(
        spec=spec,
        metadata=mapping(template.get("metadata")),
        path=f"{prefix}spec",
        metadata_path=f"{prefix}metadata",
        long_running=subject.kind in LONG_RUNNING or restarts,
        partial=subject.partial,
    )


def _embedded(node: object, path: str, depth: int) -> Iterator[Pod]:
    """Search a custom resource for what looks like the spec of a pod: a list of containers."""
    if not depth:
        return
    if isinstance(node, dict):
        yield from _embedded_in_mapping(node, path, depth)
    elif isinstance(node, list):
        stem = path.removesuffix(".")
        for index, value in enumerate(node):
            yield from _embedded(value, f"{step(stem, node, index)}.", depth - 1)


def _embedded_in_mapping(node: dict[str, Any], path: str, depth: int) -> Iterator[Pod]:
    if _has_containers(node):
        yield _custom(node, {}, path.removesuffix("."), "")
        return
    for key, value in node.items():
        if key == "spec" and isinstance(value, dict) and _has_containers(value):
            yield _custom(value, mapping(node.get("metadata")), f"{path}spec", f"{path}metadata")
        else:
            yield from _embedded(value, f"{path}{key}.", depth - 1)


def _has_containers(node: dict[str, Any]) -> bool:
    return any("image" in entry for entry in entries(node.get("containers")))


def _custom(spec: dict[str, Any], metadata: dict[str, Any], path: str, metadata_path: str) -> Pod:
    complete = all(text(entry.get("image")) for entry in entries(spec.get("containers")))
    return Pod(spec, metadata, path, metadata_path, partial=not complete)


def _use(path: str, written: Any) -> ImageUse:
    if not isinstance(written, str):
        return ImageUse(path, written, error="no image is named here")
    try:
        return ImageUse(path, written, image=parse_image(written))
    except ImageError as error:
        return ImageUse(path, written, error=str(error))
