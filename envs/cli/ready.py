"""`envs ready`: may a commit be deployed to an environment now; offline, from the record of deployments."""

from __future__ import annotations

from dataclasses import dataclass
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
from envs.deployments.readiness import Candidate, State, Verdict, judge, judge_newest
from envs.errors import Exit
from kube.moments import moment

Commit = Annotated[str, typer.Option("--commit", metavar="SHA", help="The commit to deploy.")]
ByName = Annotated[
    bool,
    typer.Option(
        "--by-name",
        help="A person asks for it, for example to roll back: look neither at the environment before "
        "nor at earlier deployments.",
    ),
]
Newest = Annotated[
    bool,
    typer.Option(
        "--newest",
        help="While the commit waits, take the newest one that the environment before has run for long enough.",
    ),
]
_MAY_GO = {State.READY, State.UNCHANGED}


def ready(  # noqa: PLR0913 each is an option of the command
    names: Names = None,
    *,
    commit: Commit = "HEAD",
    by_name: ByName = False,
    newest: Newest = False,
    output: TextOrJson = Format.TEXT,
    root: Root = HERE,
) -> None:
    """Say whether a commit may be deployed to environments now; if not (exit code 3), why and from when."""
    environments = load(root).environments
    repository = Repository(root)
    commits = Commits(repository)
    proposal = Proposal(commits, commits.resolve(commit))
    history = read_history(repository)
    asked = _Question(history, datetime.now(UTC), by_name=by_name, newest=newest)
    verdicts = [asked.verdict(proposal, environments[name]) for name in chosen(names, environments)]
    if output is Format.JSON:
        print_json([_row(verdict) for verdict in verdicts])
    else:
        write("\n".join(_line(each, proposal.commit) for each in verdicts))
    for fault in history.faults:
        typer.echo(f"envs: {fault}; this line of the record was ignored", err=True)
    raise typer.Exit(Exit.FINE if all(each.state in _MAY_GO for each in verdicts) else Exit.REFUSED)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked about each environment."""

    history: History
    now: datetime
    by_name: bool
    newest: bool

    def verdict(self, proposal: Proposal, environment: Environment) -> Verdict:
        """Answer for one environment."""
        refusal = proposal.refusal(environment)
        if refusal is not None:
            return refusal
        candidate = proposal.candidate(environment)
        if self.by_name:
            reason = "the commit is on the main branch"
            return Verdict(environment.name, State.READY, reason, commit=proposal.commit)
        if not self.newest:
            return judge(candidate, self.history, self.now)

        def at(commit: str) -> Candidate | None:
            return proposal.earlier(commit, environment)

        return judge_newest(candidate, self.history, self.now, at)


def _line(verdict: Verdict, commit: str) -> str:
    other = f" (commit {verdict.commit[:12]})" if verdict.commit != commit else ""
    return f"{verdict.environment}: {verdict.state}: {verdict.reason}{other}"


def _row(verdict: Verdict) -> dict[str, Any]:
    return {
        "environment": verdict.environment,
        "commit": verdict.commit,
        "state": verdict.state,
        "reason": verdict.reason,
        "at": moment(verdict.at) if verdict.at else None,
    }
