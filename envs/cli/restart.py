"""`envs restart`: asks for new pods, in Git."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from envs.cli.options import HERE, Name, Root
from envs.cli.writing import Branch, Commit, Onto, Push, Remote, carry_out
from envs.releases import restart as restarts

Workload = Annotated[str, typer.Argument(metavar="APP/WORKLOAD", help="A workload.")]


def restart(  # noqa: PLR0913 each is an option of the command
    name: Name,
    what: Workload,
    *,
    commit: Commit = False,
    push: Push = False,
    branch: Branch = None,
    remote: Remote = "origin",
    onto: Onto = None,
    root: Root = HERE,
) -> None:
    """Replace the pods of a workload, as its rollout does; the release says when that was asked for."""
    decide = restarts.restart(name, what, datetime.now(tz=UTC))
    carry_out(root, decide, commit=commit, push=push, branch=branch, remote=remote, onto=onto)
