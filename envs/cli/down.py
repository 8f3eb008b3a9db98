"""`envs down`: deletes what `envs up` has applied, in reverse order."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated

import typer

from envs.cli.cluster import Context, KubeConfig, Yes, agree, show
from envs.cli.options import HERE, Name, Root, chosen, write
from envs.config.load import load
from envs.errors import Exit
from envs.live.connection import cluster_of
from gitops.direct import LiveEnvironment
from gitops.objects import Key
from gitops.report.outcome import Action, Change, Outcome

Timeout = Annotated[
    int, typer.Option("--timeout", metavar="SECONDS", min=0, help="Longest wait for the deletion.")
]
_PAUSE = 0.5  # seconds between two polls


def down(  # noqa: PLR0913 each is an option of the command
    name: Name,
    *,
    yes: Yes = False,
    timeout: Timeout = 120,
    kubeconfig: KubeConfig = None,
    context: Context = None,
    root: Root = HERE,
) -> None:
    """Show what would be deleted, ask, delete it, and wait until it is gone."""
    configuration = load(root)
    chosen([name], configuration.environments)
    with cluster_of(configuration.environment(name), kubeconfig, context) as environment:
        plan = environment.down(dry=True)
        show(plan)
        if not plan.changes:
            write(f"{name}: `envs up` has applied nothing here")
            return
        agree(f"Delete all of this from {name}, and what pulled apps have in these namespaces?", yes=yes)
        done = _delete(environment, timeout)
    show(done)
    raise typer.Exit(done.code or (Exit.FOUND if _unfinished(done) else Exit.FINE))


def _delete(environment: LiveEnvironment, timeout: int) -> Outcome:
    """Delete, and poll until nothing is left or the time is over; everything done is one outcome."""
    started = time.monotonic()
    seen: dict[Key, Change] = {}
    while True:
        done = environment.down()
        seen = _gone(seen) | {change.key: change for change in done.changes}
        spent = time.monotonic() - started
        if not _unfinished(done) or spent >= timeout:
            return replace(done, changes=tuple(seen.values()), seconds=spent)
        time.sleep(_PAUSE)


def _gone(seen: dict[Key, Change]) -> dict[Key, Change]:
    """Count objects that were being deleted as deleted; those still there are reported again."""
    done = {key: replace(change, action=Action.DELETED, message="") for key, change in seen.items()}
    return {key: done[key] if change.action is Action.DELETING else change for key, change in seen.items()}


def _unfinished(outcome: Outcome) -> bool:
    return any(change.action is Action.DELETING for change in outcome.changes)
