"""`envs record`: records in Git notes that a commit was deployed; for pipelines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from envs.checkout.commits import Commits
from envs.checkout.repository import Repository
from envs.cli.options import HERE, Name, Root, chosen, write
from envs.config.load import load
from envs.deployments.candidate import Proposal
from envs.deployments.notes import record as record_deployment
from envs.deployments.notes import root_of
from envs.deployments.record import Result, deployment
from envs.errors import CommandError, Exit

Commit = Annotated[str, typer.Option("--commit", metavar="SHA", help="The commit that was deployed.")]
Outcome = Annotated[Result, typer.Option("--result", help="How the deployment ended.")]
Actor = Annotated[
    str | None,
    typer.Option("--actor", metavar="NAME", help="Who started it; default: the author of the commit."),
]
Run = Annotated[str, typer.Option("--run", metavar="URL", help="Page of the run of the pipeline.")]
Push = Annotated[
    bool, typer.Option("--push", help="Push the record; what others pushed meanwhile is merged.")
]
Remote = Annotated[str, typer.Option("--remote", metavar="NAME", help="The remote to push to.")]


def record(  # noqa: PLR0913 each is an option of the command
    name: Name,
    *,
    commit: Commit,
    result: Outcome = Result.SUCCEEDED,
    actor: Actor = None,
    run: Run = "",
    push: Push = False,
    remote: Remote = "origin",
    root: Root = HERE,
) -> None:
    """Record in Git notes (refs/notes/deployments) that a commit was deployed to an environment now."""
    chosen([name], load(root).environments)
    repository = Repository(root)
    commits = Commits(repository)
    proposal = Proposal(commits, commits.resolve(commit))
    if remote.startswith("-"):
        raise CommandError("--remote is the name of a remote, such as origin", Exit.BAD_INPUT)
    made = deployment(
        commit=proposal.commit,
        environment=name,
        root=root_of(repository),
        tree=proposal.tree(name),
        at=datetime.now(UTC),
        result=result,
        actor=actor or commits.author(proposal.commit),
        run=run,
    )
    record_deployment(repository, made, remote if push else None)
    place = f"pushed to {remote}" if push else "in this clone"
    write(f"{name}: recorded {made.commit[:12]} {result}, {place}")
