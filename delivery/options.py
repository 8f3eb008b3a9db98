"""Options that several commands share, and how they print."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

Root = Annotated[
    Path,
    typer.Option(
        "--root", help="Folder that holds environments/.", exists=True, file_okay=False, resolve_path=True
    ),
]
Names = Annotated[list[str] | None, typer.Argument(metavar="[ENV]...", help="Environments; by default all.")]
Name = Annotated[str, typer.Argument(metavar="ENV", help="An environment.")]

HERE = Path()


class Format(StrEnum):
    """How a command prints."""

    TEXT = "text"
    JSON = "json"


TextOrJson = Annotated[Format, typer.Option("--format", help="For people or for programs.")]


def console() -> Console:
    """Make a console for people: colours only on a terminal, lines never cut or wrapped."""
    return Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


def print_json(value: Any) -> None:
    """Print one JSON document to standard output."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
