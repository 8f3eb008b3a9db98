"""An environment taken out of a root: who still needs it, and its files deleted, all of them or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from envs.config.load import Configuration
from envs.config.model.environment import Environment
from envs.errors import CommandError, Exit
from envs.scaffold.places import layer_file, places


def remove_environment(configuration: Configuration, name: str) -> None:
    """Delete all that belongs to an environment; raises CommandError where another one needs it."""
    users = [*_users(configuration.environments, name), *_extending(configuration, name)]
    if users:
        raise CommandError(f"{name} is needed: {'; '.join(users)}", Exit.REFUSED)
    _delete(configuration.root, [configuration.root / path for path in places(name)])


def _users(environments: Mapping[str, Environment], name: str) -> Iterator[str]:
    for other in environments.values():
        if other.promotes is not None and other.promotes.from_ == name:
            yield f"{other.name} promotes from it"
        for app_name, app in other.apps.items():
            for flow_name, flow in app.flows.items():
                if name in {flow.from_.environment, flow.to.environment} and other.name != name:
                    yield f"the flow {flow_name} of {app_name} in {other.name} speaks of it"


def _extending(configuration: Configuration, name: str) -> Iterator[str]:
    for other, stack in configuration.layers.items():
        if other != name and any(layer.place.file == layer_file(name) for layer in stack):
            yield f"{other} extends it"


def _delete(root: Path, paths: list[Path]) -> None:
    """Delete all of these or none: a layer without its releases, or the other way round, would be a fault."""
    aside = Path(tempfile.mkdtemp(dir=root, prefix=".envs-"))
    moved: list[tuple[Path, Path]] = []
    try:
        for number, path in enumerate(path for path in paths if os.path.lexists(path)):
            moved.append((path, path.rename(aside / str(number))))
    except BaseException:
        for path, place in moved:
            place.rename(path)
        aside.rmdir()
        raise
    shutil.rmtree(aside)
