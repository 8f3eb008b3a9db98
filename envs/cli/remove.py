"""`envs remove`: deletes an environment from the layers; destroy its Pulumi stack before."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from components.objects.rendered import FOLDER as RENDERED
from envs.cli.options import HERE, Name, Root, chosen, write
from envs.config.layers.folder import FOLDER
from envs.config.load import Configuration, load
from envs.config.model.environment import Environment
from envs.errors import CommandError, Exit

Yes = Annotated[bool, typer.Option("--yes", help="Allow removing an environment of tier production.")]


def remove(name: Name, root: Root = HERE, yes: Yes = False) -> None:
    """Delete the layer, releases, stack file and rendered objects of an environment."""
    configuration = load(root)
    environment = configuration.environments[chosen([name], configuration.environments)[0]]
    if environment.tier == "production" and not yes:
        raise CommandError(f"{name} is of tier production; use --yes to remove it", Exit.REFUSED)
    users = [*_users(configuration.environments, name), *_extending(configuration, name)]
    if users:
        raise CommandError(f"{name} is still in use: {'; '.join(users)}", Exit.REFUSED)
    _delete(root, _files(root, name))
    write(
        f"{name}: removed from the layers, not from its cluster\n"
        f"  to delete its objects, run `pulumi destroy --stack {name}` on a commit that still has it"
    )


def _delete(root: Path, paths: list[Path]) -> None:
    """Delete all of these or none: a layer without its releases, or releases without a layer, would be an error."""
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


def _files(root: Path, name: str) -> list[Path]:
    folder = root / FOLDER
    return [
        folder / f"{name}.yaml",
        folder / "stacks" / f"Pulumi.{name}.yaml",
        folder / "releases" / name,
        root / RENDERED / name,
    ]


def _users(environments: Mapping[str, Environment], name: str) -> Iterator[str]:
    for other in environments.values():
        if other.promotes is not None and other.promotes.from_ == name:
            yield f"{other.name} promotes from it"
        for app_name, app in other.apps.items():
            for flow_name, flow in app.flows.items():
                if name in {flow.from_.environment, flow.to.environment} and other.name != name:
                    yield f"the flow {flow_name} of {app_name} in {other.name} references it"


def _extending(configuration: Configuration, name: str) -> Iterator[str]:
    file = f"{FOLDER}/{name}.yaml"
    for other, stack in configuration.layers.items():
        if other != name and any(layer.place.file == file for layer in stack):
            yield f"{other} extends it"
