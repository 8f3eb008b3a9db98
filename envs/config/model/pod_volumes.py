"""Names of the volumes that a workload's pods get without asking; those of the layers must differ from them."""

from __future__ import annotations

from collections.abc import Iterator

from envs.config.model.workload import Site, Workload

CONFIG = "config"
CONTENT = "content"
SCRATCH = "scratch"
SCRATCH_PATH = "/tmp"  # noqa: S108 a folder of the pod


def secret_volume(name: str) -> str:
    """Name of the volume that shows a Secret as files."""
    return f"secret-{name}"


def needs_scratch(workload: Workload) -> bool:
    """Whether to add the folder to which nginx writes its process id and buffers."""
    paths = {volume.path for volume in workload.volumes.values()}
    return isinstance(workload, Site) and SCRATCH_PATH not in paths


def added_volumes(workload: Workload) -> Iterator[tuple[str, str]]:
    """List the volumes that are added to those of the layers, with what they hold."""
    if workload.config:
        yield CONFIG, "`config`"
    if isinstance(workload, Site):
        yield CONTENT, "`content`"
    if needs_scratch(workload):
        yield SCRATCH, "nginx's own files"
    for name, secret in workload.secrets.items():
        if secret.path is not None:
            yield secret_volume(name), f"`secrets.{name}`"
