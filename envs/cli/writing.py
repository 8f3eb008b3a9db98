"""Options and output of the commands that write releases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from envs.cli.options import write
from envs.errors import CommandError, Exit
from envs.releases import carry
from envs.releases.carry import Carried
from envs.releases.change import Decide
from envs.releases.publish import Destination

Commit = Annotated[bool, typer.Option("--commit", help="Commit what was written.")]
Push = Annotated[
    bool,
    typer.Option(
        "--push", help="Commit at the head of the remote's branch and push; this work tree stays as it is."
    ),
]
Branch = Annotated[
    str | None,
    typer.Option("--branch", metavar="NAME", help="Push to this branch instead, ready for a pull request."),
]
Remote = Annotated[str, typer.Option("--remote", metavar="NAME", help="The remote to push to.")]
Onto = Annotated[
    str | None,
    typer.Option("--onto", metavar="BRANCH", help="The branch to start from; default: HEAD of the remote."),
]
_SHORT = 12


def carry_out(  # noqa: PLR0913 each is an option of the commands
    root: Path,
    decide: Decide,
    *,
    commit: bool,
    push: bool,
    branch: str | None,
    remote: str,
    onto: str | None,
) -> None:
    """Do what the options ask for, and say what was done."""
    if commit and (push or branch):
        raise CommandError(
            "--commit commits in this work tree and --push apart from it; use one", Exit.BAD_INPUT
        )
    if onto is not None and not (push or branch):
        raise CommandError(
            "--onto is the branch that --push and --branch start from; add one", Exit.BAD_INPUT
        )
    today = datetime.now(tz=UTC).date()
    if push or branch is not None:
        done = carry.push(root, decide, Destination(remote, onto, branch), today)
    elif commit:
        done = carry.commit(root, decide, today)
    else:
        done = carry.write(root, decide, today)
    write(_report(done, remote))


def _report(done: Carried, remote: str) -> str:
    paths = done.written.paths
    if not paths:
        return f"{done.written.change.environment}: unchanged, it says so already"
    lines = list(paths)
    files = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    if done.branch is not None:
        tries = "" if done.attempts == 1 else f", in {done.attempts} attempts"
        lines.append(
            f"{files} in commit {str(done.commit)[:_SHORT]}, pushed to {done.branch} of {remote}{tries}"
        )
    elif done.commit is not None:
        lines.append(f"{files} in commit {done.commit[:_SHORT]}")
    else:
        lines.append(f"{files} written")
    return "\n".join(lines)
