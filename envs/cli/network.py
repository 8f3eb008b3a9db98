"""`envs network`: who may talk to whom in an environment, by its NetworkPolicies."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from envs.cli.options import HERE, Name, Root, chosen, write
from envs.gates.load import load
from envs.gates.rendering import render_environment
from envs.review.connections import connections
from envs.review.network import as_mermaid, as_text


class NetworkFormat(StrEnum):
    """Output formats of connections."""

    TEXT = "text"
    MERMAID = "mermaid"


AsFormat = Annotated[
    NetworkFormat, typer.Option("--format", help="text for people, mermaid for a diagram in Markdown.")
]


def network(name: Name, output: AsFormat = NetworkFormat.TEXT, root: Root = HERE) -> None:
    """Show all connections that are possible within an environment, into it and out of it."""
    configuration = load(root)
    chosen([name], configuration.environments)
    objects = [each.object for each in render_environment(configuration, name)]
    found = connections(objects, name)
    write(as_mermaid(found) if output is NetworkFormat.MERMAID else as_text(found))
