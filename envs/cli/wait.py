"""`envs wait`: follows the GitOps job of an environment until it has brought a commit to the cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from envs.checkout.commits import Commits
from envs.checkout.repository import Repository
from envs.cli.cluster import Context, KubeConfig
from envs.cli.options import HERE, Name, Root, chosen, write
from envs.config.load import load
from envs.errors import CommandError, Exit
from envs.live.connection import cluster_of
from envs.live.following import Progress, progress_of
from gitops.direct import statuses
from gitops.errors import ClusterError, exit_code
from kube.yaml.faults import printable

Commit = Annotated[str, typer.Option("--commit", metavar="SHA", help="The commit that the job has to reach.")]
Timeout = Annotated[int, typer.Option("--timeout", min=0, metavar="SECONDS", help="How long to wait.")]
_PAUSE = 3  # seconds between two looks
_LONGEST_LINE = 500


def wait(  # noqa: PLR0913 each is an option of the command
    name: Name,
    *,
    commit: Commit,
    timeout: Timeout = 900,
    kubeconfig: KubeConfig = None,
    context: Context = None,
    root: Root = HERE,
) -> None:
    """Wait until the GitOps job has a commit in sync and healthy, or say what is not; only reads.

    Exit codes: 0 all pulled apps are there, 1 not in time, 4 unhealthy, 5 the cluster does not answer.
    """
    configuration = load(root)
    chosen([name], configuration.environments)
    model = configuration.environment(name)
    commits = Commits(Repository(root))
    wanted = commits.resolve(commit)
    if not model.pulled():
        write(f"{name}: no app is pulled, so there is nothing to wait for")
        return
    with cluster_of(model, kubeconfig, context) as environment:
        environment.check()
        last = _follow(
            lambda: [*progress_of(model, wanted, statuses(environment.cluster, name), commits.tree)], timeout
        )
    write("\n".join(f"{name}: {_line(each)}" for each in last))
    missing = [each for each in last if not each.arrived]
    if missing:
        count = "1 app is" if len(missing) == 1 else f"{len(missing)} apps are"
        typer.echo(f"envs: {count} not at {wanted[:12]} after {timeout} seconds", err=True)
    raise typer.Exit(exit_code([each.code for each in last]))


def _follow(look: Callable[[], Sequence[Progress]], timeout: int) -> Sequence[Progress]:
    """Look again and again, and tell each change, until all have arrived or the time is over.

    A cluster that does not answer for a moment is asked again; raises CommandError if it still does not at the end.
    """
    end = time.monotonic() + timeout
    seen: dict[str, str] = {}
    while True:
        failure: ClusterError | None = None
        try:
            found = look()
        except ClusterError as error:
            found, failure = (), error
        if failure is None and all(each.arrived for each in found):
            return found
        if time.monotonic() >= end:
            if failure is not None:
                raise CommandError(f"the cluster does not answer: {failure}", Exit.OUTSIDE_FAILED)
            return found
        _tell(found, seen)
        time.sleep(min(_PAUSE, max(0.0, end - time.monotonic())))


def _tell(found: Sequence[Progress], seen: dict[str, str]) -> None:
    for each in found:
        if seen.get(each.app) != each.text:
            seen[each.app] = each.text
            typer.echo(_line(each), err=True)


def _line(progress: Progress) -> str:
    lines = (printable(line, _LONGEST_LINE) for line in progress.text.splitlines())
    return f"{progress.app}: {'; '.join(lines)}"
