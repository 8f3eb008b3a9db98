"""`envs schema`: writes the JSON schemas with which editors complete and check layers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envs.checkout.rendered import replace_file
from envs.cli.options import HERE, Root, write
from envs.config.layers.folder import FOLDER
from envs.config.schema import schema_files
from envs.errors import CommandError, Exit

Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a file is stale.")]


def schema(root: Root = HERE, check: Check = False) -> None:
    """Write environments/schema.json, and app.schema.json for the apps' own files."""
    if not (root / FOLDER).is_dir():
        raise CommandError(f"{root} has no folder {FOLDER}/; is it the right --root?", Exit.BAD_INPUT)
    files = schema_files(root)
    if check:
        _check(root, files)
        return
    for path, data in files.items():
        replace_file(root / path, data)
        write(f"{path}: {len(data):,} bytes")


def _check(root: Path, files: dict[str, bytes]) -> None:
    stale = [path for path, data in files.items() if not _holds(root / path, data)]
    if stale:
        write("\n".join(stale))
        count = "1 file is" if len(stale) == 1 else f"{len(stale)} files are"
        typer.echo(f"{count} stale; run `envs schema` and commit the result", err=True)
        raise typer.Exit(Exit.FOUND)


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data
