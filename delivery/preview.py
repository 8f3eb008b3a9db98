"""`envs preview`: what each environment consists of and what changes in it, with the origin of each new value."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from components.render import render_environment
from delivery.changes import preview as compare
from delivery.changes import removed
from delivery.options import HERE, Format, Names, Root, TextOrJson, chosen, print_json, print_text
from delivery.preview_report import as_json, as_text
from delivery.repository import Repository
from environments.load import load

Base = Annotated[
    str | None,
    typer.Option(
        "--base", metavar="REF", help="Compare with the merge base with REF; by default the main branch."
    ),
]


def preview(
    names: Names = None, base: Base = None, root: Root = HERE, output: TextOrJson = Format.TEXT
) -> None:
    """Show what changes in each environment, object by object and field by field."""
    started = time.monotonic()
    configuration = load(root)
    repository = Repository(root)
    commit = repository.base(base)
    previews = [
        compare(configuration, name, render_environment(configuration, name), repository, commit)
        for name in chosen(names, configuration.environments)
    ]
    if not names:
        previews += removed(repository, commit, configuration.environments)
    if output is Format.JSON:
        print_json(as_json(previews, commit))
    else:
        print_text(as_text(previews, commit, time.monotonic() - started))
