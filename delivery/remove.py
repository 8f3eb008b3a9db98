"""`envs remove`: take an environment out of the layers; its objects leave the cluster by Pulumi, before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from delivery.exits import CommandError, Exit
from delivery.options import HERE, Name, Root, console
from delivery.rendered import FOLDER as RENDERED
from environments.folder import FOLDER
from environments.load import Configuration, load
from environments.model import Environment

Yes = Annotated[bool, typer.Option("--yes", help="Remove an environment of tier production.")]


def remove(name: Name, root: Root = HERE, yes: Yes = False) -> None:
    """Delete the layer, releases, stack file and rendered objects of an environment."""
    configuration = load(root)
    environment = configuration.environment(name)
    if environment.tier == "production" and not yes:
        raise CommandError(f"{name} is production; say --yes if you mean it", Exit.REFUSED)
    users = [*_users(configuration.environments, name), *_extending(configuration, name)]
    if users:
        raise CommandError(f"{name} is needed: {'; '.join(users)}", Exit.REFUSED)
    for path in _files(root, name):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    screen = console()
    screen.print(f"{name}: removed from the layers, not from its cluster")
    screen.print(f"  its objects go with `pulumi destroy --stack {name}` on a commit that still has it")


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
                    yield f"the flow {flow_name} of {app_name} in {other.name} speaks of it"


def _extending(configuration: Configuration, name: str) -> Iterator[str]:
    file = f"{FOLDER}/{name}.yaml"
    for other, stack in configuration.layers.items():
        if other != name and any(layer.place.file == file for layer in stack):
            yield f"{other} extends it"
