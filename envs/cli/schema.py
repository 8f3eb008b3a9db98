"""`envs schema`: writes the JSON schema with which editors complete and check layers."""

from __future__ import annotations

from typing import Annotated

import typer

from envs.checkout.rendered import replace_file
from envs.cli.options import HERE, Root, write
from envs.config.layers.folder import FOLDER
from envs.config.schema import schema_text
from envs.errors import CommandError, Exit

Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if the file is stale.")]


def schema(root: Root = HERE, check: Check = False) -> None:
    """Write environments/schema.json."""
    if not (root / FOLDER).is_dir():
        raise CommandError(f"{root} has no folder {FOLDER}/; is it the right --root?", Exit.BAD_INPUT)
    path = root / FOLDER / "schema.json"
    data = schema_text().encode()
    if not check:
        replace_file(path, data)
        write(f"{FOLDER}/schema.json: {len(data):,} bytes")
    elif not path.is_file() or path.read_bytes() != data:
        write(f"{FOLDER}/schema.json")
        typer.echo("1 file is stale; run `envs schema` and commit the result", err=True)
        raise typer.Exit(Exit.FOUND)
