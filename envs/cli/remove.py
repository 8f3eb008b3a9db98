"""`envs remove`: take an environment out of the layers; its objects leave the cluster by Pulumi, before."""

from __future__ import annotations

from typing import Annotated

import typer

from envs.cli.options import HERE, Name, Root, chosen, write
from envs.config.load import load
from envs.errors import CommandError, Exit
from envs.scaffold.removal import remove_environment

Yes = Annotated[bool, typer.Option("--yes", help="Remove an environment of tier production.")]


def remove(name: Name, root: Root = HERE, yes: Yes = False) -> None:
    """Delete the layer, releases, stack file and rendered objects of an environment."""
    configuration = load(root)
    environment = configuration.environments[chosen([name], configuration.environments)[0]]
    if environment.tier == "production" and not yes:
        raise CommandError(f"{name} is production; say --yes if you mean it", Exit.REFUSED)
    remove_environment(configuration, name)
    write(
        f"{name}: removed from the layers, not from its cluster\n"
        f"  its objects go with `pulumi destroy --stack {name}` on a commit that still has it"
    )
