"""Paths of the objects below rendered/, which reviewers read and the GitOps job pulls."""

from __future__ import annotations

from components.objects.manifest import Manifest, Part

FOLDER = "rendered"
_FENCE, _APPS = "fence", "apps"
PARTS = (_FENCE, _APPS)  # what the folder of an environment consists of


def environment_folder(environment: str) -> str:
    """Folder of an environment, below the root."""
    return f"{FOLDER}/{environment}"


def app_folder(environment: str, app: str) -> str:
    """Folder of the workloads of an app, below the root: what the GitOps job pulls."""
    return f"{environment_folder(environment)}/{_APPS}/{app}"


def file_of(environment: str, manifest: Manifest) -> str:
    """Path of the file of an object, below the root."""
    name = f"{manifest.kind.lower()}-{manifest.name}.yaml".replace(":", "_")
    if manifest.part is Part.WORKLOAD:
        return f"{app_folder(environment, manifest.app)}/{name}"
    return (
        f"{environment_folder(environment)}/{_FENCE}/{manifest.namespace or _own_namespace(manifest)}/{name}"
    )


def app_of(file: str) -> str:
    """Tell the app from the path of a file: by its folder, or by its namespace where it belongs to a fence."""
    _, environment, part, *below = file.split("/")
    folder = below[0] if len(below) > 1 else ""
    return folder if part == _APPS else folder.removesuffix(f"-{environment}")


def _own_namespace(manifest: Manifest) -> str:
    """Put a Namespace beside its contents, and other cluster-scoped objects apart."""
    return manifest.name if manifest.kind == "Namespace" else "cluster"
