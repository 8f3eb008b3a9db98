"""`envs remove`: take an environment out of the layers, once nothing of it is in its cluster."""

from __future__ import annotations

from typing import Annotated

import typer

from envs.cli.cluster import Context, KubeConfig
from envs.cli.options import HERE, Name, Root, chosen, write
from envs.config.load import load
from envs.errors import CommandError, Exit
from envs.live.presence import require_absent
from envs.scaffold.removal import remove_environment, require_unneeded

Yes = Annotated[bool, typer.Option("--yes", help="Allow removing an environment of tier production.")]
Orphan = Annotated[
    bool,
    typer.Option("--orphan", help="Do not ask the cluster; objects in it stay, and nothing updates them."),
]


def remove(  # noqa: PLR0913 each is an option of the command
    name: Name,
    *,
    yes: Yes = False,
    orphan: Orphan = False,
    kubeconfig: KubeConfig = None,
    context: Context = None,
    root: Root = HERE,
) -> None:
    """Delete the layer, releases, stack file and rendered objects of an environment."""
    configuration = load(root)
    environment = configuration.environments[chosen([name], configuration.environments)[0]]
    if environment.tier == "production" and not yes:
        raise CommandError(f"{name} is of tier production; use --yes to remove it", Exit.REFUSED)
    require_unneeded(configuration, name)
    if not orphan:
        require_absent(environment, kubeconfig, context)
    remove_environment(configuration.root, name)
    write(f"{name}: removed from the layers" + (f"\n{_LEFT.format(name=name)}" if orphan else ""))


_LEFT = """\
  what lives of it in a cluster stays there until somebody takes it down:
    what `envs up` has applied, with `envs down {name} --context NAME`
    a stack of Pulumi, with `pulumi destroy --stack {name}` on a commit that still has the environment"""
