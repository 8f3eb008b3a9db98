"""What the commands that show changes have in common: the question, asked of a checkout."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from envs.checkout.repository import Repository
from envs.cli.options import chosen
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


def ask(root: Path, names: list[str] | None, base: str | None) -> Question:
    """Load and render all environments, and find the commit to compare the chosen ones with."""
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
    )


def new_mask() -> Mask:
    """Make a mask whose key ends with this process."""
    return Mask(secrets.token_bytes())


def today() -> date:
    """Return the day on which this process judges."""
    return datetime.now(tz=UTC).date()
