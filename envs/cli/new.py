"""`envs new`: creates an environment as a copy of another; nothing else has to be edited."""

from __future__ import annotations

from typing import Annotated

import typer

from envs.cli.options import HERE, Root, chosen, write
from envs.config.load import load
from envs.scaffold.copy import copy_environment
from envs.scaffold.places import check_name, layer_file

Name = Annotated[str, typer.Argument(metavar="NAME", help="The new environment.")]
From = Annotated[str, typer.Option("--from", metavar="ENV", help="The environment to start from.")]


def new(name: Name, source: From, root: Root = HERE) -> None:
    """Create an environment as a copy of another: layer, releases, stack file, rendered objects."""
    check_name(name)
    environments = load(root).environments
    environment = environments[chosen([source], environments)[0]]
    copy = copy_environment(root, environment, name)
    changed = "".join(f"  host {host.new} in place of {host.old}\n" for host in copy.hosts)
    write(
        f"{name}: {len(copy.manifests)} objects, tier {environment.tier}, as a copy of {source}\n{changed}next:\n"
        f"  edit {layer_file(name)} so that it says only what differs, then `envs render`\n"
        "  commit, and open a pull request, which previews the new stack"
    )
