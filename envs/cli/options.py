"""Options and output that several commands share."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from envs.config.model.environment import Environment
from envs.config.reading.faults import printable, suggestion
from envs.errors import CommandError, Exit

Root = Annotated[
    Path,
    typer.Option(
        "--root", help="Folder that holds environments/.", exists=True, file_okay=False, resolve_path=True
    ),
]
Names = Annotated[list[str] | None, typer.Argument(metavar="ENV", help="Environments; default: all.")]
Name = Annotated[str, typer.Argument(metavar="ENV", help="An environment.")]

HERE = Path()
_LONGEST_NAME = 80


class Format(StrEnum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"


TextOrJson = Annotated[Format, typer.Option("--format", help="text for people, json for programs.")]


def chosen(names: list[str] | None, environments: Mapping[str, Environment]) -> list[str]:
    """Return the names of the chosen environments, each once; raises CommandError for an unknown one."""
    for name in names or ():
        if name not in environments:
            known = ", ".join(environments) or "none"
            hint = suggestion(name, environments)
            shown = printable(name, _LONGEST_NAME)
            raise CommandError(f"there is no environment {shown}; known: {known}{hint}", Exit.BAD_INPUT)
    return list(dict.fromkeys(names or environments))


def print_text(text: Text) -> None:
    """Print for people: colours only on a terminal, lines neither cut nor wrapped."""
    screen = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    with screen.capture() as captured:
        screen.print(text, end="")
    write(captured.get())


def print_json(value: Any) -> None:
    """Print one JSON document."""
    write(json.dumps(value, indent=2, ensure_ascii=False))


def write(text: str) -> None:
    """Write to standard output; exit quietly where the reader (`head`, for example) has closed the pipe."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would try to flush the rest at exit, and print an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.UNREAD) from None
