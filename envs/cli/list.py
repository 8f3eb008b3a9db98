"""`envs list`: lists the environments in the order of promotion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from envs.cli.options import HERE, Format, Root, TextOrJson, print_json
from envs.cli.terminal import print_text
from envs.config.load import Configuration, load
from envs.config.model.environment import Environment
from kube.yaml.faults import printable

_LONGEST_CONTEXT = 80


def list_environments(root: Root = HERE, output: TextOrJson = Format.TEXT) -> None:
    """List the environments, in the order of promotion."""
    configuration = load(root)
    if output is Format.JSON:
        print_json([_row(environment) for environment in configuration.environments.values()])
    else:
        print_text(Text("\n").join(_lines(configuration)))


def _row(environment: Environment) -> dict[str, Any]:
    return {
        "name": environment.name,
        "tier": environment.tier,
        "context": environment.cluster.context,
        "promotesFrom": environment.promotes.from_ if environment.promotes else None,
        "apps": {name: app.delivery for name, app in environment.apps.items()},
    }


def _lines(configuration: Configuration) -> Iterator[Text]:
    rows = [("ENVIRONMENT", "TIER", "CONTEXT", "PROMOTES FROM", "APPS")]
    for row in map(_row, configuration.environments.values()):
        apps = ", ".join(name if way == "push" else f"{name} ({way})" for name, way in row["apps"].items())
        context = printable(row["context"] or "-", _LONGEST_CONTEXT)
        rows.append((row["name"], row["tier"], context, row["promotesFrom"] or "-", apps))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for number, cells in enumerate(rows):
        line = Text("  ").join(
            Text(f"{cell:{width}}", style=_style(cell, column) if number else "bold")
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        line.rstrip()
        yield line


def _style(cell: str, column: int) -> str:
    if column == 0:
        return "bold"
    return "yellow" if cell == "production" else ""
