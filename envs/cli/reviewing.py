"""What the commands that show changes have in common: the question, asked of a checkout."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from envs.checkout.repository import Repository
from envs.cli.options import chosen
from envs.errors import CommandError, Exit
from envs.gates.load import load
from envs.gates.rendering import render_around
from envs.review.masking import Mask
from envs.review.review import Question

Base = Annotated[
    str | None,
    typer.Option(
        "--base", metavar="REF", help="Compare with the merge base of HEAD and REF; default: the main branch."
    ),
]


Sources = Annotated[
    list[Path] | None,
    typer.Option(
        "--sources",
        metavar="DIR",
        help="Local clone of a repository that images are built from; lists commits of releases.",
        exists=True,
        file_okay=False,
    ),
]


def ask(
    root: Path, names: list[str] | None, base: str | None, sources: Sequence[Path] | None = None
) -> Question:
    """Load and render all environments, and find the commit to compare the chosen ones with."""
    for folder in sources or ():
        if Repository(folder).top() is None:
            raise CommandError(f"{folder} is not a Git repository; name a clone", Exit.BAD_INPUT)
    configuration = load(root, names or None)
    repository = Repository(root)
    commit = repository.base(base)
    asked = chosen(names, configuration.names)
    return Question(
        configuration=configuration,
        around=render_around(configuration, asked),
        repository=repository,
        commit=commit,
        names=asked,
        with_removed=not names,
        sources=tuple(sources or ()),
    )


def new_mask() -> Mask:
    """Make a mask whose key ends with this process."""
    return Mask(secrets.token_bytes())


def today() -> date:
    """Return the day on which this process judges."""
    return datetime.now(tz=UTC).date()
