"""`envs verify`: proves the evidence of promotions again, from Git alone."""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.text import Text

from envs.cli.options import HERE, Format, Names, Root, TextOrJson, chosen, print_json
from envs.cli.terminal import print_text
from envs.config.load import load
from envs.errors import Exit
from envs.releases.verify import Proof, Verified
from envs.releases.verify import verify as prove

_FAILING = {Proof.WRONG, Proof.UNVERIFIED, Proof.ASSERTED}
_STYLES = {
    Proof.PROVEN: "green",
    Proof.WRONG: "bold red",
    Proof.UNVERIFIED: "magenta",
    Proof.ASSERTED: "yellow",
}


def verify(names: Names = None, output: TextOrJson = Format.TEXT, root: Root = HERE) -> None:
    """Prove where promoted releases ran before; exits with 1 where evidence is wrong or cannot be proven."""
    configuration = load(root)
    found = list(prove(configuration, chosen(names, configuration.environments)))
    if output is Format.JSON:
        print_json([_row(each) for each in found])
    else:
        print_text(
            Text("\n").join(_line(each) for each in found) if found else Text("no release was promoted")
        )
    if any(each.proof in _FAILING for each in found):
        raise typer.Exit(Exit.FOUND)


def _row(found: Verified) -> dict[str, str]:
    return {**asdict(found.target), "image": found.image, "proof": found.proof, "reason": found.reason}


def _line(found: Verified) -> Text:
    line = Text(f"{found.target.environment}  {found.target}  ")
    line.append(f"{found.proof}", style=_STYLES.get(found.proof, ""))
    return line.append(f"  {found.reason}")
