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
    typer.Option("--context", metavar="NAME", help="Context to use instead of the one that the layers name."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def agree(question: str, *, yes: bool) -> None:
    """Ask before anything is written; raises CommandError where the answer is no or nobody can give one."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError("nobody is here to agree, nothing was written; say --yes", Exit.REFUSED)
    if not typer.confirm(question):
        raise CommandError("nothing was written", Exit.REFUSED)
