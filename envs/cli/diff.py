"""`envs diff`: shows what a change means and does, or in what two environments differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envs.cli.cluster import Context, KubeConfig
from envs.cli.live import DiffFormat, Place, show_live
from envs.cli.options import HERE, Root, chosen, print_json, write
from envs.cli.reviewing import Base, Sources, ask, new_mask, today
from envs.cli.terminal import print_text
from envs.errors import CommandError, Exit
from envs.gates.load import load
from envs.gates.rendering import render_environment
from envs.review.markdown import as_markdown
from envs.review.parity.compare import Side, compare
from envs.review.parity.text import differences_as_json, differences_as_text
from envs.review.report import changes_as_json
from envs.review.review import effects, findings_now, previews
from envs.review.text import changes_as_text

_PAIR = 2


AsFormat = Annotated[
    DiffFormat, typer.Option("--format", help="text for people, json for programs, markdown for comments.")
]
Compared = Annotated[
    list[str] | None,
    typer.Argument(metavar="ENV", help="Environments; two without --base are compared with each other."),
]


Live = Annotated[
    bool,
    typer.Option("--live", help="Compare what is pushed with the cluster of one environment; only reads."),
]


def diff(  # noqa: PLR0913 each is an option of the command
    names: Compared = None,
    base: Base = None,
    sources: Sources = None,
    output: AsFormat = DiffFormat.TEXT,
    *,
    live: Live = False,
    kubeconfig: KubeConfig = None,
    context: Context = None,
    root: Root = HERE,
) -> None:
    """Show what changes mean, object by object and field by field; only what differs is listed."""
    if live:
        if base is not None:
            raise CommandError("--live compares with the cluster; omit --base", Exit.BAD_INPUT)
        show_live(names or [], output, Place(root, kubeconfig, context))
    if base is None and names is not None and len(set(names)) == _PAIR:
        _between(root, names[0], names[1], output)
        return
    question = ask(root, names, base, sources)
    compared = previews(question, new_mask())
    told = effects(question, compared, findings_now(question, today()), today())
    if output is DiffFormat.JSON:
        print_json(changes_as_json(compared, told, question.commit))
    elif output is DiffFormat.MARKDOWN:
        write(as_markdown(changes_as_text(compared, told, question.commit)))
    else:
        print_text(changes_as_text(compared, told, question.commit))


def _between(root: Path, one: str, other: str, output: DiffFormat) -> None:
    """Show in what the second environment differs from the first one, their names aside."""
    configuration = load(root)
    chosen([one, other], configuration.environments)
    left, right = (Side.of(name, render_environment(configuration, name)) for name in (one, other))
    found = list(compare(left, right, new_mask()))
    if output is DiffFormat.JSON:
        print_json(differences_as_json(found))
    elif output is DiffFormat.MARKDOWN:
        write(as_markdown(differences_as_text(found, one, other)))
    else:
        print_text(differences_as_text(found, one, other))
