"""Pods and pod templates as the rules see them, and where the kinds of Kubernetes itself describe them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kube.image import Image, ImageError, parse_image
from kube.pods import TEMPLATES
from policies.subject import Subject, Unknown, dig, mapping, named_entries

BUILTIN_GROUPS = frozenset({"", "apps", "batch", "extensions"})
LONG_RUNNING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"})
CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True)
class PodContainer:
    """One container of a pod, of whichever of the three lists."""

    spec: dict[str, Any]
    path: str
    listed: str
    image_path: str = "image"

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
    """A pod or a pod template; a partial one, such as a patch, may lack fields.

    A custom resource may describe a container or a volume outside the lists of a pod: `loose_containers` and
    `loose_volumes` hold them. `installs` names what a controller installs from elsewhere, whose images nobody sees.
    """

    spec: dict[str, Any]
    metadata: dict[str, Any]
    path: str
    metadata_path: str
    long_running: bool = False
    partial: bool = False
    loose_containers: tuple[PodContainer, ...] = ()
    loose_volumes: tuple[tuple[str, dict[str, Any]], ...] = ()
    installs: str = ""

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
        own = [
            PodContainer(entry, f"{self.prefix}{name}", listed)
            for listed in CONTAINER_LISTS
            for name, entry in named_entries(listed, self.spec.get(listed))
        ]
        return [*own, *self.loose_containers]

    @cached_property
    def volumes(self) -> list[tuple[str, dict[str, Any]]]:
        """Volumes, each with its path."""
        listed = named_entries("volumes", self.spec.get("volumes"))
        return [*((f"{self.prefix}{name}", entry) for name, entry in listed), *self.loose_volumes]

    @cached_property
    def images(self) -> list[ImageUse]:
        """Parse every image of containers and image volumes (KEP-4639)."""
        written = [
            (f"{container.path}.{container.image_path}".lstrip("."), container.spec.get("image"))
            for container in self.containers
        ]
        for path, volume in self.volumes:
            if volume.get("image") is not None:
                written.append((f"{path}.image.reference", dig(volume, "image", "reference")))
        return [_use(path, value) for path, value in written if _is_image(value) or not self.partial]


def builtin_pod(subject: Subject) -> Pod | None:
    """Return the pod that an object of Kubernetes itself is or controls; None where it starts none."""
    if subject.group not in BUILTIN_GROUPS or subject.kind not in TEMPLATES:
        return None
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


def _is_image(value: object) -> bool:
    return isinstance(value, str | Unknown)


def _use(path: str, written: Any) -> ImageUse:
    if not isinstance(written, str):
        return ImageUse(path, written, error="no image is named here")
    try:
        return ImageUse(path, written, image=parse_image(written))
    except ImageError as error:
        return ImageUse(path, written, error=str(error))
