"""`envs schema`: the JSON schema by which editors complete and check layers."""

from __future__ import annotations

from typing import Annotated

import typer

from delivery.exits import Exit
from delivery.options import HERE, Root
from delivery.rendered import replace_file
from environments.folder import FOLDER
from environments.schema import schema_text

Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if the file is stale.")]


def schema(root: Root = HERE, check: Check = False) -> None:
    """Write environments/schema.json."""
    path = root / FOLDER / "schema.json"
    text = schema_text()
    if check:
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            typer.echo(f"{FOLDER}/schema.json is stale; run `envs schema` and commit the result", err=True)
            raise typer.Exit(Exit.FOUND)
        return
    replace_file(path, text.encode())
    typer.echo(f"{FOLDER}/schema.json: {len(text):,} bytes")
