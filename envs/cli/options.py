"""Options and output that several commands share."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from envs.config.reading.faults import suggestion
from envs.errors import CommandError, Exit
from kube.yaml.faults import printable

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


def chosen(names: list[str] | None, environments: Collection[str]) -> list[str]:
    """Return the names of the chosen environments, each once; raises CommandError for an unknown one."""
    for name in names or ():
        if name not in environments:
            raise unknown(name, environments)
    return list(dict.fromkeys(names or environments))


def unknown(name: str, environments: Collection[str]) -> CommandError:
    """Say that the layers have no environment of this name."""
    known = ", ".join(environments) or "none"
    hint = suggestion(name, environments)
    shown = printable(name, _LONGEST_NAME)
    return CommandError(f"there is no environment {shown}; known: {known}{hint}", Exit.BAD_INPUT)


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
