"""`envs render`: write what the layers say to the folder that reviewers read and the GitOps job pulls."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from components.render import render_environment
from delivery.exits import Exit
from delivery.options import HERE, Names, Root, console
from delivery.rendered import FOLDER, forget_environments, stale_files, texts, write_files
from environments.load import load

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Write below DIR instead of the root.", file_okay=False),
]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 with the names of stale files.")]


def render(names: Names = None, root: Root = HERE, out: Out = None, check: Check = False) -> None:
    """Write rendered/, or check that it is what the layers say."""
    configuration = load(root)
    chosen = names or list(configuration.environments)
    # All is made before anything is written: a fault in the last environment leaves the first as it was.
    wanted = {name: texts(name, render_environment(configuration, name)) for name in chosen}
    folder = out or root
    if check:
        _check(folder, wanted, None if names else set(configuration.environments))
        return
    screen = console()
    for name, files in wanted.items():
        written, deleted = write_files(folder, name, files)
        screen.print(f"{name}: {len(files)} objects, {len(written)} written, {len(deleted)} deleted")
    if not names:
        for name in forget_environments(folder, configuration.environments):
            screen.print(f"{name}: deleted, there is no such environment any more")


def _check(folder: Path, wanted: dict[str, dict[str, bytes]], known: set[str] | None) -> None:
    stale = [path for name, files in wanted.items() for path in stale_files(folder, name, files)]
    if known is not None:
        stale += sorted(
            f"{FOLDER}/{path.name}"
            for path in (folder / FOLDER).glob("*")
            if path.is_dir() and path.name not in known
        )
    for path in stale:
        typer.echo(path)
    if stale:
        count = "1 file is" if len(stale) == 1 else f"{len(stale)} files are"
        typer.echo(f"{count} not what the layers say; run `envs render` and commit the result", err=True)
        raise typer.Exit(Exit.FOUND)
