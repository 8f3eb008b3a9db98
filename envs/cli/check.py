"""`envs check`: judges environments, or any manifests, by the policies."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from envs.checkout.repository import Repository
from envs.cli.options import HERE, Names, Root, chosen, write
from envs.config.load import load
from envs.errors import CommandError, Exit
from envs.gates.judgement import Judgement, judge, judge_releases
from envs.gates.ledger import ledger_at
from envs.gates.rendering import render_all
from policies.check import check_subjects, mandatory
from policies.context import Context, Level, Tier
from policies.reading.document import UnreadableError
from policies.reading.files import read
from policies.report import Style
from policies.report import write as report

Manifests = Annotated[
    Path | None,
    typer.Option(
        "--manifests", metavar="PATH", help="Judge a file or folder of YAML instead of environments."
    ),
]
OfTier = Annotated[Tier, typer.Option("--tier", help="Tier by which to judge --manifests.")]
Complete = Annotated[
    bool,
    typer.Option("--complete", help="PATH holds a whole environment: apply the rules over all objects, too."),
]
Namespace = Annotated[
    str | None,
    typer.Option(
        "--namespace",
        metavar="NAME",
        help="Namespace of the objects of PATH that name none, as the GitOps job would set it.",
    ),
]
Base = Annotated[
    str | None,
    typer.Option("--base", metavar="REF", help="The ledger of images must hold all that it held there."),
]
AsStyle = Annotated[
    Style, typer.Option("--format", help="text for people, json for programs, github for annotations.")
]


def check(  # noqa: PLR0913, PLR0917 - each is an option of the command
    names: Names = None,
    manifests: Manifests = None,
    tier: OfTier = Tier.PRODUCTION,
    complete: Complete = False,
    namespace: Namespace = None,
    base: Base = None,
    root: Root = HERE,
    style: AsStyle = Style.TEXT,
) -> None:
    """Judge environments or manifests by all policies; exit with 1 on mandatory findings, 2 on bad input."""
    today = datetime.now(tz=UTC).date()
    if manifests is not None:
        if names:
            raise CommandError("--manifests takes no environments; omit them", Exit.BAD_INPUT)
        judged = judge_files(manifests, tier, complete=complete, namespace=namespace, today=today)
    else:
        configuration = load(root)
        asked = chosen(names, configuration.environments)
        judged = judge(configuration, render_all(configuration), asked, today)
        repository = Repository(root)
        judged.findings.extend(
            judge_releases(configuration, ledger_at(repository, repository.base(base)), today)
        )
    write(report(judged.findings, judged.checked, style))
    if mandatory(judged.findings):
        raise typer.Exit(Exit.FOUND)


def judge_files(path: Path, tier: Tier, *, complete: bool, namespace: str | None, today: date) -> Judgement:
    """Judge manifests that no layer describes; in tier test moving tags only warn, as no layer can declare them."""
    try:
        reading = read(path, namespace)
    except UnreadableError as error:
        raise CommandError(str(error), Exit.BAD_INPUT) from error
    levels = {"images-are-pinned": Level.ADVISORY} if tier is Tier.TEST else {}
    context = Context(environment="", tier=tier, today=today, levels=levels)
    findings = check_subjects(reading.subjects, context, complete=complete, origin=reading.origin)
    return Judgement(findings, len(reading.subjects))
