"""What the commands that talk to a cluster share: their options, and the question."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from envs.errors import CommandError, Exit

KubeConfig = Annotated[
    Path | None,
    typer.Option("--kubeconfig", metavar="FILE", help="Default: $KUBECONFIG, else ~/.kube/config."),
]
Context = Annotated[
    str | None,
    typer.Option(
        "--context", metavar="NAME", help="Kubeconfig context to use instead of the one in the layers."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]


def agree(question: str, *, yes: bool) -> None:
    """Ask for confirmation before anything is written; raises CommandError for no, and without a terminal."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError("not a terminal, nothing was written; use --yes", Exit.REFUSED)
    if not typer.confirm(question):
        raise CommandError("nothing was written", Exit.REFUSED)
