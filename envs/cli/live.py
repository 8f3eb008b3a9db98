"""`envs diff --live`: in what a cluster differs from what is pushed to it, as the GitOps job reports it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import typer
from rich.text import Text

from envs.cli.accounting import account_as_text
from envs.cli.options import chosen, print_json
from envs.cli.terminal import print_text
from envs.config.load import load
from envs.errors import CommandError, Exit
from envs.gates.rendering import render_environment
from envs.live.accounting import compare
from envs.live.connection import cluster_of
from gitops.report.account import Account


class DiffFormat(StrEnum):
    """Output formats of differences."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class Place:
    """A root, and how to reach the cluster."""

    root: Path
    kubeconfig: Path | None
    context: str | None


def show_live(names: Sequence[str], output: DiffFormat, place: Place) -> None:
    """Print drift of what is pushed and foreign objects; exits with 1 if there are any."""
    if output is DiffFormat.MARKDOWN:
        raise CommandError("--live has the formats text and json; choose one of them", Exit.BAD_INPUT)
    if len(names) != 1:
        raise CommandError("--live compares one environment with its cluster; name one", Exit.BAD_INPUT)
    name = names[0]
    configuration = load(place.root, [name])
    chosen([name], configuration.names)
    model = configuration.environment(name)
    manifests = render_environment(configuration, name)
    with cluster_of(model, place.kubeconfig, place.context) as environment:
        found = compare(environment, model, manifests)
    if output is DiffFormat.JSON:
        print_json({"environment": name, **found.as_json()})
    else:
        print_text(Text("\n").join([*account_as_text(found), _summary(name, found)]))
    raise typer.Exit(Exit.FOUND if found.drift or found.foreign else Exit.FINE)


def _summary(name: str, found: Account) -> Text:
    counts = f"{len(found.drift):,} pushed objects differ, {len(found.foreign):,} objects are foreign"
    return Text(name, style="bold").append(f"  {counts}", style="")
