"""`envs retire`: lets Pulumi delete what has left the layers of a production environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from components.stack.delivery import pushed
from components.stack.removal import command, name_of, unwanted
from envs.cli.cluster import Yes, agree
from envs.cli.options import HERE, Root, chosen, write
from envs.config.load import Configuration, load
from envs.errors import CommandError, Exit
from envs.gates.rendering import render_environment
from envs.stack.command import Stack
from envs.stack.state import Protected
from kube.yaml.faults import printable

What = Annotated[
    str,
    typer.Argument(metavar="APP[/WORKLOAD]", help="An app, or one workload of an app, that is not wanted."),
]
From = Annotated[str, typer.Option("--from", metavar="ENV", help="The environment that it has left.")]
_LONGEST_NAME = 130


def retire(what: What, *, environment: From, yes: Yes = False, root: Root = HERE) -> None:
    """Take the protection off the objects of an app that has left the layers; the next `pulumi up` deletes them."""
    configuration = load(root)
    chosen([environment], configuration.environments)
    app, _, workload = what.partition("/")
    _refuse_wanted_app(configuration, environment, app, workload)
    stack = Stack(root, environment)
    found = [each for each in stack.protected() if each.app == app and workload in {"", each.workload}]
    urns = _unwanted(configuration, environment, found)
    if not urns:
        raise CommandError(_nothing(environment, printable(what, _LONGEST_NAME), found), Exit.REFUSED)
    write(
        "\n".join([f"{environment}: {_count(len(urns))} protected:", *(f"  {name_of(urn)}" for urn in urns)])
    )
    write(f"This takes the protection off:\n  {command(environment, urns)}")
    agree(f"Let the next `pulumi up` of {environment} delete them?", yes=yes)
    stack.unprotect(urns)
    write(f"{environment}: not protected any more; `pulumi up --stack {environment}` deletes them")


def _refuse_wanted_app(configuration: Configuration, name: str, app: str, workload: str) -> None:
    if app in configuration.environment(name).apps and not workload:
        raise CommandError(
            f"the app {app} is still in the layers of {name}; remove it there first (`{app}: null` in "
            f"environments/{name}.yaml), nothing was changed",
            Exit.REFUSED,
        )


def _unwanted(configuration: Configuration, name: str, found: Sequence[Protected]) -> list[str]:
    """Choose what the layers do not want any more."""
    wanted = pushed(configuration.environment(name), render_environment(configuration, name))
    return unwanted((each.urn for each in found), wanted)


def _nothing(environment: str, what: str, found: Sequence[Protected]) -> str:
    if found:
        return f"{what} is still in the layers of {environment}; remove it there first, nothing was changed"
    return (
        f"the stack {environment} has no protected object of {what}; if it is still to be deleted, "
        f"`pulumi up --stack {environment}` deletes it"
    )


def _count(number: int) -> str:
    return "1 object is" if number == 1 else f"{number} objects are"
