"""`envs down`: deletes what `envs up` has applied, in reverse order."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from envs.cli import outcome
from envs.cli.cluster import Context, KubeConfig, Yes, agree
from envs.cli.options import HERE, Name, Root, unknown, write
from envs.cli.terminal import print_text
from envs.config.load import load
from envs.errors import CommandError, Exit
from envs.live.connection import cluster_at, cluster_of
from envs.live.presence import require_applied
from gitops.cluster.api import current_context
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
    configuration = load(root, [name])
    environments = configuration.environments
    if name in environments:
        connection, where = cluster_of(environments[name], kubeconfig, context), ""
    else:
        context = context or _current(name, configuration.names, kubeconfig, yes=yes)
        connection, where = cluster_at(name, kubeconfig, context), f" in the context {context}"
    with connection as environment:
        if name not in environments:
            require_applied(name, environment.applied(), configuration.names)
        plan = environment.down(dry=True)
        print_text(outcome.planned(plan))
        if not plan.changes:
            write(f"{name}: `envs up` has applied nothing here")
            return
        agree(f"Delete all this of {name}{where}, with what pulled apps have in these namespaces?", yes=yes)
        done = _delete(environment, timeout)
    print_text(outcome.done(done))
    raise typer.Exit(done.code or (Exit.FOUND if _unfinished(done) else Exit.FINE))


def _current(name: str, environments: Collection[str], kubeconfig: Path | None, *, yes: bool) -> str:
    """Name the context to ask about an environment that is gone from the layers: only where somebody can agree."""
    context = current_context(kubeconfig)
    if context is not None and sys.stdin.isatty() and not yes:
        return context
    advice = "if it was removed and is still in a cluster, name the cluster with --context NAME"
    raise CommandError(f"{unknown(name, environments)}; {advice}", Exit.BAD_INPUT)


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


def _unfinished(deleted: Outcome) -> bool:
    return any(change.action is Action.DELETING for change in deleted.changes)
