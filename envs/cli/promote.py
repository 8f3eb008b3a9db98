"""`envs promote`: carries releases to the next environment, with evidence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from envs.cli.cluster import Context, KubeConfig
from envs.cli.health import ask_health, read_health
from envs.cli.options import HERE, Root
from envs.cli.writing import Branch, Commit, Onto, Push, Remote, carry_out
from envs.config.load import load
from envs.live.connection import is_known
from envs.releases import promote as promotions
from envs.releases.promote import Promotion, SourceHealth
from envs.releases.target import find_environment

Source = Annotated[str, typer.Argument(metavar="FROM", help="The environment that runs the releases.")]
Destination = Annotated[str, typer.Argument(metavar="TO", help="The environment that promotes from it.")]
Apps = Annotated[
    list[str] | None, typer.Argument(metavar="APP[/WORKLOAD]", help="Apps or workloads; default: all.")
]
Status = Annotated[
    Path | None,
    typer.Option(
        "--status",
        metavar="FILE",
        help="Output of `envs status FROM --format json`; default: the cluster is asked if it is known.",
        exists=True,
        dir_okay=False,
    ),
]
Force = Annotated[
    str | None,
    typer.Option(
        "--force", metavar="REASON", help="Promote whatever is in the way; the reason is written down."
    ),
]


def promote(  # noqa: PLR0913 each is an option of the command
    source: Source,
    destination: Destination,
    apps: Apps = None,
    *,
    status: Status = None,
    kubeconfig: KubeConfig = None,
    context: Context = None,
    force: Force = None,
    commit: Commit = False,
    push: Push = False,
    branch: Branch = None,
    remote: Remote = "origin",
    onto: Onto = None,
    root: Root = HERE,
) -> None:
    """Release in an environment what the one before it runs, as the record of deployments proves."""
    health = _health(root, source, status, kubeconfig, context)
    asked = Promotion(source, destination, apps or (), force, datetime.now(tz=UTC), health)
    decide = promotions.promote(asked)
    carry_out(root, decide, commit=commit, push=push, branch=branch, remote=remote, onto=onto)


def _health(
    root: Path, source: str, status: Path | None, kubeconfig: Path | None, context: str | None
) -> SourceHealth:
    """Find the health of the source: what a file says, else what its cluster says where that is known here."""
    if status is not None:
        return read_health(status, source)
    if context is None and not is_known(find_environment(load(root), source), kubeconfig):
        typer.echo(f"the health of {source} is not asked: no context of its cluster is known here", err=True)
        return SourceHealth()
    return ask_health(root, source, kubeconfig, context)
