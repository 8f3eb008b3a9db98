"""Finds containers without an image, and releases of containers that there are not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envs.config.model.container import MAIN, Container
from envs.config.model.environment import Environment
from envs.config.model.workload import Workload
from envs.config.reading.faults import suggestion

Found = Iterator[tuple[tuple[Any, ...], str]]


def image_problems(environment: Environment, workload: Workload, path: tuple[Any, ...]) -> Found:
    """Say which containers of a workload have no image, and which releases none of them runs."""
    file = f"releases/{environment.name}/{path[1]}/{path[-1]}.yaml"
    if workload.running_image is None:
        yield (*path, "image"), f"is missing: write {file}, or `image:`"
    others = {"init": workload.init, "sidecars": workload.sidecars}
    known: dict[str, Container] = {}
    for group, containers in others.items():
        known |= containers
        for name, container in containers.items():
            if container.image is None and workload.image_of(name, container) is None:
                message = f"is missing: write `image:`, or `containers: {{{name}: …}}` in {file}"
                yield (*path, group, name, "image"), message
    for name in workload.release.containers if workload.release else ():
        here = (*path, "release", "containers", name)
        if name not in known:
            yield here, f"{path[-1]} has no such init container or sidecar{suggestion(name, known)}"
        elif known[name].image == MAIN:
            yield here, f"{name} runs the image of {path[-1]} (`image: {MAIN}`); delete one of the two"
