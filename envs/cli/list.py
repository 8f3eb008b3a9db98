"""`envs list`: lists the environments in the order of promotion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer
from rich.text import Text

from envs.checkout.repository import Repository
from envs.cli.options import HERE, Format, Root, TextOrJson, print_json
from envs.cli.terminal import print_text
from envs.config.load import load
from envs.config.model.environment import Environment
from envs.deployments.history import History, Running
from envs.deployments.notes import FETCH, read_history
from envs.deployments.record import Result
from envs.errors import CommandError
from kube.moments import moment
from kube.yaml.faults import printable

_LONGEST_CONTEXT = 80


def list_environments(root: Root = HERE, output: TextOrJson = Format.TEXT) -> None:
    """List the environments in the order of promotion, and what was deployed to each by the record in Git notes."""
    configuration = load(root)
    history, advice = _recorded(Repository(root))
    rows = [_row(environment, history) for environment in configuration.environments.values()]
    if output is Format.JSON:
        print_json(rows)
    else:
        print_text(Text("\n").join(_lines(rows)))
        if advice and not any(row["deployed"] for row in rows):
            typer.echo(f"envs: {advice}", err=True)
    for fault in history.faults:
        typer.echo(f"envs: {fault}; this line of the record was ignored", err=True)


def _recorded(repository: Repository) -> tuple[History, str]:
    """Read the record, and say what to do if there is none; the environments are listed even if Git fails."""
    try:
        if repository.git("rev-parse", "--git-dir").code != 0:
            return History(), ""
        return read_history(repository), f"this clone has no record of deployments; `{FETCH}` gets it"
    except CommandError as error:
        return History(), f"the record of deployments cannot be read: {error}"


def _row(environment: Environment, history: History) -> dict[str, Any]:
    running = history.running(environment.name)
    return {
        "name": environment.name,
        "tier": environment.tier,
        "context": environment.cluster.context,
        "promotesFrom": environment.promotes.from_ if environment.promotes else None,
        "apps": {name: app.delivery for name, app in environment.apps.items()},
        "deployed": _deployed(running) if running else None,
    }


def _deployed(running: Running) -> dict[str, Any]:
    deployment = running.deployment
    return {
        "commit": deployment.commit,
        "tree": deployment.tree,
        "result": deployment.result,
        "at": moment(deployment.at),
        "since": moment(running.since),
        "actor": deployment.actor,
        "run": deployment.run,
    }


def _lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[Text]:
    recorded = any(row["deployed"] for row in rows)
    head = ("ENVIRONMENT", "TIER", "CONTEXT", "PROMOTES FROM", "APPS")
    table: list[tuple[str, ...]] = [(*head, "RUNS", "SINCE", "BY") if recorded else head]
    for row in rows:
        apps = ", ".join(name if way == "push" else f"{name} ({way})" for name, way in row["apps"].items())
        context = printable(row["context"] or "-", _LONGEST_CONTEXT)
        deployed = _cells(row["deployed"]) if recorded else ()
        table.append((row["name"], row["tier"], context, row["promotesFrom"] or "-", apps, *deployed))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for number, cells in enumerate(table):
        line = Text("  ").join(
            Text(f"{cell:{width}}", style=_style(cell, column) if number else "bold")
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        line.rstrip()
        yield line


def _cells(deployed: Mapping[str, Any] | None) -> tuple[str, str, str]:
    if deployed is None:
        return "-", "-", "-"
    failed = " (failed)" if deployed["result"] is Result.FAILED else ""
    return f"{deployed['commit'][:12]}{failed}", deployed["since"], deployed["actor"] or "-"


def _style(cell: str, column: int) -> str:
    if column == 0:
        return "bold"
    return "yellow" if cell == "production" else ""
