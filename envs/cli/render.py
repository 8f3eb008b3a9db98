"""`envs render`: writes the objects to rendered/, which reviewers read and the GitOps job pulls."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from components.objects.rendered import FOLDER
from envs.checkout.rendered import (
    check_folders,
    forget,
    forgotten,
    stale_files,
    texts,
    write_files,
)
from envs.cli.options import HERE, Names, Root, chosen, write
from envs.errors import Exit
from envs.gates.load import load
from envs.gates.rendering import render_environment

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Write below DIR instead of the root.", file_okay=False),
]
Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; list stale files, and exit 1 if there are any.")
]
Files = Mapping[str, Mapping[str, bytes]]


def render(names: Names = None, root: Root = HERE, out: Out = None, check: Check = False) -> None:
    """Write rendered/, or check that it is up to date."""
    configuration = load(root, names or None)
    folder = out or root
    # Everything is made before anything is written: an error in the last environment leaves the first as it was.
    wanted: Files = {
        name: texts(name, render_environment(configuration, name))
        for name in chosen(names, configuration.names)
    }
    check_folders(folder, [path for files in wanted.values() for path in files])
    gone = [] if names else forgotten(folder, configuration.names)
    if check:
        _check(folder, wanted, [f"{FOLDER}/{name}" for name in gone])
    else:
        _write(folder, wanted, gone)


def _write(folder: Path, wanted: Files, gone: list[str]) -> None:
    lines = []
    for name, files in wanted.items():
        written, deleted = write_files(folder, name, files)
        lines.append(f"{name}: {len(files)} objects, {len(written)} written, {len(deleted)} deleted")
    for name in gone:
        forget(folder, name)
        lines.append(f"{name}: deleted, the environment no longer exists")
    write("\n".join(lines or ["there is no environment: no layer has a `tier:`"]))


def _check(folder: Path, wanted: Files, others: list[str]) -> None:
    stale = [path for name, files in wanted.items() for path in stale_files(folder, name, files)]
    stale += others
    if stale:
        write("\n".join(stale))
        count = "1 file is" if len(stale) == 1 else f"{len(stale)} files are"
        typer.echo(f"{count} stale; run `envs render` and commit the result", err=True)
        raise typer.Exit(Exit.FOUND)
