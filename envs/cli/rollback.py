"""`envs rollback`: brings the releases of an earlier commit back, and holds them."""

from __future__ import annotations

from typing import Annotated

import typer

from envs.cli.hold import Held
from envs.cli.options import HERE, Name, Root
from envs.cli.writing import Branch, Commit, Onto, Push, Remote, carry_out
from envs.releases import rollback as rollbacks

To = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="COMMIT", help="Commit whose releases come back; default: those before the last."
    ),
]


def rollback(  # noqa: PLR0913 each is an option of the command
    name: Name,
    what: Held,
    *,
    to: To = None,
    commit: Commit = False,
    push: Push = False,
    branch: Branch = None,
    remote: Remote = "origin",
    onto: Onto = None,
    root: Root = HERE,
) -> None:
    """Release again what ran before, and hold it, so that automation does not undo the rollback."""
    decide = rollbacks.rollback(name, what, to)
    carry_out(root, decide, commit=commit, push=push, branch=branch, remote=remote, onto=onto)
