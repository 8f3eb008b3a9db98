"""`envs hold`: stops automation from changing the releases of an app or workload."""

from __future__ import annotations

from typing import Annotated

import typer

from envs.cli.options import HERE, Name, Root
from envs.cli.writing import Branch, Commit, Onto, Push, Remote, carry_out
from envs.releases import holds

Held = Annotated[str, typer.Argument(metavar="APP[/WORKLOAD]", help="An app, or one of its workloads.")]
Because = Annotated[
    str, typer.Option("--because", metavar="REASON", help="Why; whoever is stopped reads it.")
]


def hold(  # noqa: PLR0913 each is an option of the command
    name: Name,
    what: Held,
    because: Because,
    *,
    commit: Commit = False,
    push: Push = False,
    branch: Branch = None,
    remote: Remote = "origin",
    onto: Onto = None,
    root: Root = HERE,
) -> None:
    """Stop `envs set-image` and `envs promote` from changing a release until `envs unhold`."""
    decide = holds.hold(name, what, because)
    carry_out(root, decide, commit=commit, push=push, branch=branch, remote=remote, onto=onto)
