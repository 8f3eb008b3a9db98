"""`envs ready`: may a commit be deployed to an environment now; offline, from the record of deployments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from envs.checkout.commits import Commits
from envs.checkout.repository import Repository
from envs.cli.options import HERE, Format, Names, Root, TextOrJson, chosen, print_json, write
from envs.config.load import load
from envs.config.model.environment import Environment
from envs.deployments.candidate import Proposal
from envs.deployments.history import History
from envs.deployments.notes import read_history
from envs.deployments.readiness import State, Verdict, judge
from envs.deployments.record import moment
from envs.errors import Exit

Commit = Annotated[str, typer.Option("--commit", metavar="SHA", help="The commit to deploy.")]
ByName = Annotated[
    bool,
    typer.Option(
        "--by-name",
        help="A person asks for it, for example to roll back: look neither at the environment before "
        "nor at earlier deployments.",
    ),
]
_MAY_GO = {State.READY, State.UNCHANGED}


def ready(
    names: Names = None,
    *,
    commit: Commit = "HEAD",
    by_name: ByName = False,
    output: TextOrJson = Format.TEXT,
    root: Root = HERE,
) -> None:
    """Say whether a commit may be deployed to environments now; if not (exit code 3), why and from when."""
    environments = load(root).environments
    repository = Repository(root)
    commits = Commits(repository)
    proposal = Proposal(commits, commits.resolve(commit))
    history = read_history(repository)
    verdicts = [
        _verdict(proposal, environments[name], history, by_name=by_name)
        for name in chosen(names, environments)
    ]
    if output is Format.JSON:
        print_json([_row(verdict, proposal.commit) for verdict in verdicts])
    else:
        write("\n".join(f"{each.environment}: {each.state}: {each.reason}" for each in verdicts))
    for fault in history.faults:
        typer.echo(f"envs: {fault}; this line of the record was ignored", err=True)
    raise typer.Exit(Exit.FINE if all(each.state in _MAY_GO for each in verdicts) else Exit.REFUSED)


def _verdict(proposal: Proposal, environment: Environment, history: History, *, by_name: bool) -> Verdict:
    refusal = proposal.refusal(environment)
    if refusal is not None:
        return refusal
    candidate = proposal.candidate(environment)
    if by_name:
        return Verdict(environment.name, State.READY, "the commit is on the main branch")
    return judge(candidate, history, datetime.now(UTC))


def _row(verdict: Verdict, commit: str) -> dict[str, Any]:
    return {
        "environment": verdict.environment,
        "commit": commit,
        "state": verdict.state,
        "reason": verdict.reason,
        "at": moment(verdict.at) if verdict.at else None,
    }
