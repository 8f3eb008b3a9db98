"""`envs parity`: environments may differ only where environments/parity.yaml says so, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from envs.checkout.rendered import replace_file
from envs.cli.options import HERE, Format, Root, TextOrJson, print_json, write
from envs.cli.reviewing import new_mask
from envs.cli.terminal import print_text
from envs.errors import CommandError, Exit
from envs.gates.load import load
from envs.gates.rendering import render_around
from envs.review.parity.declarations import FILE, declared
from envs.review.parity.judge import Parity, globs
from envs.review.parity.judge import parity as compare
from envs.review.parity.text import as_json, as_text

_HEAD = """\
# Where environments may differ, and why: app.Kind.name.path, * for a part, ** for any number of parts.
# Any other difference between an environment and the one that it promotes from is a finding.
"""
Write = Annotated[
    bool, typer.Option("--write", help=f"Start {FILE} with today's differences; fill in the reasons.")
]


def parity(root: Root = HERE, output: TextOrJson = Format.TEXT, start: Write = False) -> None:
    """Compare each environment with the one before it; exits with 1 on a difference that nobody declared."""
    configuration = load(root)
    declarations = [] if start else declared(root)
    found = compare(
        configuration,
        render_around(configuration, configuration.names).objects,
        declarations or [],
        new_mask(),
    )
    if start:
        _start(root, found)
        return
    if output is Format.JSON:
        print_json(as_json(found))
    else:
        print_text(as_text(found, with_declared=True))
    if found.undeclared and declarations is None:
        typer.echo(f"there is no {FILE}; `envs parity --write` starts it with these differences", err=True)
    if found.undeclared:
        raise typer.Exit(Exit.FOUND)


def _start(root: Path, found: Parity) -> None:
    """Write the file with empty reasons, which are faults until they are filled in."""
    if (root / FILE).exists():
        raise CommandError(f"{FILE} already exists; nothing was written", Exit.BAD_INPUT)
    written = globs(each.difference for each in found.undeclared)
    lines = "".join(f'{json.dumps(glob, ensure_ascii=False)}: ""\n' for glob in written)
    replace_file(root / FILE, f"{_HEAD}{lines}".encode())
    write(f"{FILE}: {len(written)} declarations; say after each why environments differ there")
