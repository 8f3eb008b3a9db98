"""`envs preview`: shows what each environment consists of and what changes, with the origin of each new value."""

from __future__ import annotations

import time

from envs.cli.options import HERE, Format, Names, Root, TextOrJson, print_json
from envs.cli.reviewing import Base, ask, new_mask, today
from envs.cli.terminal import print_text
from envs.review.report import as_json
from envs.review.review import findings_now, previews
from envs.review.text import as_text


def preview(
    names: Names = None, base: Base = None, root: Root = HERE, output: TextOrJson = Format.TEXT
) -> None:
    """Show what changes in each environment, object by object and field by field."""
    started = time.monotonic()
    question = ask(root, names, base)
    compared = previews(question, new_mask(), whole=False)
    findings = findings_now(question, today())
    if output is Format.JSON:
        print_json(as_json(compared, findings, question.commit))
    else:
        print_text(as_text(compared, findings, question.commit, time.monotonic() - started))
