"""`envs up`: applies an environment without Pulumi, with the engine of the GitOps job."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from components.stack.delivery import pushed
from envs.cli import outcome
from envs.cli.accounting import account_as_text
from envs.cli.cluster import Context, KubeConfig, Yes, agree
from envs.cli.options import HERE, Name, Root, chosen
from envs.cli.terminal import print_text
from envs.config.load import Configuration
from envs.config.reading.faults import ConfigurationError
from envs.errors import CommandError, Exit
from envs.gates.judgement import refuse
from envs.gates.load import load
from envs.gates.neighbours import unjudged
from envs.gates.rendering import Surroundings, render_around
from envs.live.accounting import foreign_of
from envs.live.connection import cluster_of
from gitops.engine.prune import deletes_most
from gitops.report.outcome import TROUBLE, Action, Outcome

HAND_OVER = "see docs/pulumi.md, From Pulumi to `envs up`, for how to hand over an environment"

Adopt = Annotated[
    bool, typer.Option("--adopt", help="Take over objects that exist and that others have made.")
]


def up(  # noqa: PLR0913 each is an option of the command
    name: Name,
    *,
    yes: Yes = False,
    adopt: Adopt = False,
    kubeconfig: KubeConfig = None,
    context: Context = None,
    root: Root = HERE,
) -> None:
    """Show what would change in the cluster, ask, and apply the fence and the pushed workloads."""
    configuration = load(root, [name])
    chosen([name], configuration.names)
    around = render_around(configuration, [name])
    _judge(configuration, around, name)
    model = configuration.environment(name)
    bodies = [each.object for each in pushed(model, around.objects[name])]
    with cluster_of(model, kubeconfig, context) as found:
        environment = replace(found, adopt=adopt)
        plan = environment.diff(bodies)
        foreign = foreign_of(environment, model, around.objects[name])
        print_text(Text("\n").join([*account_as_text(foreign), outcome.planned(plan)]))
        _refuse(plan)
        if not plan.changes:
            raise typer.Exit(plan.code)
        if yes:
            _guard(name, plan)
        agree(f"Apply this to {name}?", yes=yes)
        started = time.monotonic()
        done = environment.up(bodies)
    print_text(outcome.done(replace(done, seconds=time.monotonic() - started)))
    raise typer.Exit(done.code)


def _judge(configuration: Configuration, around: Surroundings, name: str) -> None:
    """Refuse what a mandatory policy forbids, before the first request to the cluster."""
    for finding in unjudged(around.broken):
        typer.echo(f"{finding.origin}: {finding.object} could not be judged: {finding.message}", err=True)
    try:
        refuse(configuration, around, name, datetime.now(tz=UTC).date())
    except ConfigurationError as error:
        raise CommandError(f"{error.report()}; nothing was written", Exit.REFUSED) from error


def _refuse(plan: Outcome) -> None:
    """Apply all of an environment or nothing: one object that cannot be applied stops the rest."""
    troubled = [change for change in plan.changes if change.action in TROUBLE]
    if not troubled:
        return
    hint = f"; {HAND_OVER}" if any(change.action is Action.REFUSED for change in troubled) else ""
    count = "1 object" if len(troubled) == 1 else f"{len(troubled)} objects"
    raise CommandError(f"{count} cannot be applied, nothing was written{hint}", Exit(plan.code))


def _guard(name: str, plan: Outcome) -> None:
    """Require a confirmation for deleting most of what was applied, which may belong to another root."""
    counts = plan.counts
    deletions = counts.get(Action.DELETED, 0)
    before = plan.objects - counts.get(Action.CREATED, 0) + deletions
    if deletes_most(before, deletions):
        message = (
            f"{deletions} of {before} objects of {name} would be deleted; omit --yes, or use `envs down`"
        )
        raise CommandError(f"{message}; nothing was written", Exit.REFUSED)
