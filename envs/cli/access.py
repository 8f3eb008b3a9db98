"""`envs access`: which team and which account may do what in an environment."""

from __future__ import annotations

from envs.cli.options import HERE, Format, Name, Root, TextOrJson, chosen, print_json, write
from envs.gates.load import load
from envs.gates.rendering import render_environment
from envs.review.access import as_json, as_text
from envs.review.permissions import permissions


def access(name: Name, output: TextOrJson = Format.TEXT, root: Root = HERE) -> None:
    """Show what the roles and bindings of an environment permit, and to whom."""
    configuration = load(root)
    chosen([name], configuration.environments)
    granted = permissions([each.object for each in render_environment(configuration, name)], name)
    if output is Format.JSON:
        print_json(as_json(granted))
    else:
        write(as_text(granted, name))
