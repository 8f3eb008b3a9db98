"""`envs preview`: shows what each environment consists of and what changes, with the origin of each new value."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from envs.checkout.repository import Repository
from envs.cli.options import HERE, Format, Names, Root, TextOrJson, chosen, print_json
from envs.cli.terminal import print_text
from envs.gates.judgement import judge, judge_releases
from envs.gates.load import load
from envs.gates.rendering import render_around
from envs.review.changes import preview as compare
from envs.review.changes import removed
from envs.review.report import as_json
from envs.review.text import as_text

Base = Annotated[
    str | None,
    typer.Option(
        "--base", metavar="REF", help="Compare with the merge base of HEAD and REF; default: the main branch."
    ),
]


def preview(
    names: Names = None, base: Base = None, root: Root = HERE, output: TextOrJson = Format.TEXT
) -> None:
    """Show what changes in each environment, object by object and field by field."""
    started = time.monotonic()
    configuration = load(root, names or None)
    repository = Repository(root)
    commit = repository.base(base)
    asked = chosen(names, configuration.names)
    around = render_around(configuration, asked)
    previews = [compare(configuration, name, around.objects[name], repository, commit) for name in asked]
    if not names:
        previews += removed(repository, commit, configuration.names)
    today = datetime.now(tz=UTC).date()
    findings = [
        *judge(configuration, around, asked, today).findings,
        *judge_releases(configuration, today),
    ]
    if output is Format.JSON:
        print_json(as_json(previews, findings, commit))
    else:
        print_text(as_text(previews, findings, commit, time.monotonic() - started))
