"""`envs comment`: one Markdown comment for a pull request about all environments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envs.checkout.repository import Repository
from envs.cli.options import HERE, Names, Root, write
from envs.cli.reviewing import Base, Sources, ask, new_mask, today
from envs.errors import CommandError, Exit
from envs.review.comment.comment import Material, comment_of
from envs.review.comment.running import read_status
from envs.review.comment.stacks import StackReport, read_events
from envs.review.parity.declarations import declared
from envs.review.parity.judge import parity
from envs.review.review import effects, findings_now, previews

_MOST_BYTES = 64 * 1024 * 1024
Events = Annotated[
    list[Path] | None,
    typer.Option(
        "--pulumi-events", metavar="FILE", help="What `pulumi preview --json` printed, or its event log."
    ),
]
Status = Annotated[
    list[Path] | None,
    typer.Option("--status", metavar="FILE", help="What `envs status --format json` printed."),
]


def comment(  # noqa: PLR0913 each is an option of the command
    names: Names = None,
    *,
    base: Base = None,
    sources: Sources = None,
    events: Events = None,
    status: Status = None,
    root: Root = HERE,
) -> None:
    """Write one comment about all environments; its first line is a marker by which it is edited in place."""
    stacks = [each for path in events or () for each in _stack(path)]
    running = [each for path in status or () for each in read_status(_read(path), str(path))]
    question = ask(root, names, base, sources)
    mask = new_mask()
    compared = previews(question, mask)
    findings = findings_now(question, today())
    declarations = declared(root)
    material = Material(
        title=_title(question.repository),
        base=question.commit,
        previews=compared,
        effects=effects(question, compared, findings, today()),
        findings=findings,
        parity=(
            parity(question.configuration, question.around.objects, declarations, mask)
            if declarations is not None
            else None
        ),
        stacks=stacks,
        running=running,
    )
    write(comment_of(material))


def _title(repository: Repository) -> str:
    """Name the root by its path in the repository; empty for the top."""
    top = repository.top()
    return "" if top is None else repository.folder.relative_to(top).as_posix().removeprefix(".")


def _stack(path: Path) -> list[StackReport]:
    return read_events(_read(path), str(path))


def _read(path: Path) -> bytes:
    """Read a file of limited size."""
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise CommandError(f"{path} is larger than {_MOST_BYTES:,} bytes", Exit.BAD_INPUT)
    return data
