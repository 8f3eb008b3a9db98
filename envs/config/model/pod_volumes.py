"""Names of the volumes that a workload's pods get without asking; those of the layers must differ from them."""

from __future__ import annotations

from collections.abc import Iterator

from envs.config.model.volume import ConfigFile
from envs.config.model.workload import Site, Workload

CONFIG = "config"
CONTENT = "content"
RELOAD = "reload"
SCRATCH = "scratch"
SCRATCH_PATH = "/tmp"  # noqa: S108 a folder of the pod


def secret_volume(name: str) -> str:
    """Name of the volume that shows a Secret as files."""
    return f"secret-{name}"


def needs_scratch(workload: Workload) -> bool:
    """Whether to add the folder to which nginx writes its process id and buffers."""
    paths = {volume.path for volume in workload.volumes.values()}
    return isinstance(workload, Site) and SCRATCH_PATH not in paths


def reloaded(workload: Workload) -> dict[str, dict[str, ConfigFile]]:
    """Files that change in running pods, by their folder: Kubernetes updates only whole folders."""
    folders: dict[str, dict[str, ConfigFile]] = {}
    for path, file in workload.config.items():
        if file.reload:
            folders.setdefault(path.rpartition("/")[0] or "/", {})[path] = file
    return folders


def reload_volume(number: int) -> str:
    """Name of the volume of such a folder."""
    return f"{RELOAD}-{number}"


def added_volumes(workload: Workload) -> Iterator[tuple[str, str]]:
    """List the volumes that are added to those of the layers, with what they hold."""
    if workload.config:
        yield CONFIG, "`config`"
    for number in range(len(reloaded(workload))):
        yield reload_volume(number), "`config`"
    if isinstance(workload, Site):
        yield CONTENT, "`content`"
    if needs_scratch(workload):
        yield SCRATCH, "nginx's own files"
    for name, secret in workload.secrets.items():
        if secret.path is not None:
            yield secret_volume(name), f"`secrets.{name}`"
