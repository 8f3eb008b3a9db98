"""Finds ports of a Service and paths of the main container that are used twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envs.config.model.pod_volumes import reloaded
from envs.config.model.workload import Stateful, Workload

Found = Iterator[tuple[tuple[Any, ...], str]]


def collision_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    """Find ports and paths of a workload that are used twice; the API server refuses such pods."""
    taken: dict[str, str] = {}
    for what, place, steps in [*_ports(workload), *_paths(workload)]:
        owner = ".".join(steps)
        if place in taken:
            yield (*path, *steps), f"{what} is already used by {taken[place]}; each needs its own"
        taken.setdefault(place, owner)
    yield from _folder_problems(workload, path)


def _folder_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    """Find files beside those that change in running pods, whose mount hides everything else in their folder."""
    folders = reloaded(workload)
    for file, content in workload.config.items():
        folder = file.rpartition("/")[0] or "/"
        if folder in folders and not content.reload:
            other = next(iter(folders[folder]))
            message = f"{folder} shows only files with `reload: true`, as of {other}; write it here, too"
            yield (*path, "config", file), f"{message}, or choose another folder"


def _ports(workload: Workload) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for name, port in workload.ports.items():
        number = port.service or port.number
        what = f"port {number}/{port.protocol} of the Service"
        yield what, what, ("ports", name)


def _paths(workload: Workload) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for name, volume in workload.volumes.items():
        yield f"the path {volume.path}", volume.path.rstrip("/"), ("volumes", name)
    for file in workload.config:
        yield f"the path {file}", file.rstrip("/"), ("config", file)
    for folder, files in reloaded(workload).items():
        yield f"the path {folder}", folder.rstrip("/"), ("config", next(iter(files)))
    for name, secret in workload.secrets.items():
        if secret.path:
            yield f"the path {secret.path}", secret.path.rstrip("/"), ("secrets", name)
    for name, claim in workload.claims.items():
        yield f"the path {claim.path}", claim.path.rstrip("/"), ("claims", name)
    for name, storage in workload.storage.items() if isinstance(workload, Stateful) else ():
        yield f"the path {storage.path}", storage.path.rstrip("/"), ("storage", name)
