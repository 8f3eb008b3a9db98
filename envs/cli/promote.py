"""`envs promote`: carries releases to the next environment, with evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from envs.cli.options import HERE, Root
from envs.cli.writing import Branch, Commit, Onto, Push, Remote, carry_out
from envs.errors import CommandError, Exit
from envs.releases import promote as promotions
from envs.releases.promote import Promotion
from gitops.cluster.health import Health

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
        help="Output of `envs status FROM --format json`: apps that are not healthy stay.",
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
_GOOD = {Health.HEALTHY, Health.SUSPENDED}
_LARGEST = 16 * 1024 * 1024  # bytes of a status


def promote(  # noqa: PLR0913 each is an option of the command
    source: Source,
    destination: Destination,
    apps: Apps = None,
    *,
    status: Status = None,
    force: Force = None,
    commit: Commit = False,
    push: Push = False,
    branch: Branch = None,
    remote: Remote = "origin",
    onto: Onto = None,
    root: Root = HERE,
) -> None:
    """Release in an environment what the one before it runs, as the record of deployments proves."""
    unhealthy = _unhealthy(status, source) if status is not None else {}
    asked = Promotion(source, destination, apps or (), force, datetime.now(tz=UTC), unhealthy)
    decide = promotions.promote(asked)
    carry_out(root, decide, commit=commit, push=push, branch=branch, remote=remote, onto=onto)


def _unhealthy(file: Path, environment: str) -> Mapping[str, str]:
    """Read which apps are not healthy; raises CommandError for a file that does not say it of the environment."""
    with file.open("rb") as stream:
        data = stream.read(_LARGEST + 1)
    try:
        said: Any = json.loads(data) if len(data) <= _LARGEST else None
        (found,) = [each for each in said if each["environment"] == environment]
        if found["error"] is not None:
            raise CommandError(f"{file}: {found['error']}", Exit.UNHEALTHY)
        return {each["name"]: each["health"] for each in found["apps"] if each["health"] not in _GOOD}
    except (ValueError, TypeError, KeyError) as error:
        message = f"{file} is not the status of {environment}"
        advice = f"write it with `envs status {environment} --format json`"
        raise CommandError(f"{message}; {advice}", Exit.BAD_INPUT) from error
