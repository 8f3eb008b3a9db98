"""Prints what a judgement has found, in the format that was asked for."""

from __future__ import annotations

from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from envs.cli.options import write
from envs.cli.terminal import print_text
from envs.config.layers.folder import FOLDER
from envs.gates.judgement import Judgement
from envs.review.findings import coloured
from policies.report import Style
from policies.report import write as report
from policies.sarif import Base, write_sarif


class FindingsFormat(StrEnum):
    """Output formats of findings."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


AsFormat = Annotated[
    FindingsFormat,
    typer.Option(
        "--format",
        help="text for people, json for programs, github for annotations, sarif for code scanning.",
    ),
]


def print_judgement(judged: Judgement, style: FindingsFormat, folder: Path) -> None:
    """Print findings; their places are relative to `folder`, in SARIF to the working directory."""
    if style is FindingsFormat.SARIF:
        base = Base(folder.absolute(), Path.cwd(), FOLDER)
        write(write_sarif(judged.findings, version("gitops-environments"), base))
        return
    written = report(judged.findings, judged.checked, Style(style))
    if style is FindingsFormat.TEXT:
        print_text(coloured(written, judged.findings))
    else:
        write(written)
