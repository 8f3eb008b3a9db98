"""`envs image`: references in, a list of their parts and classes out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated

import typer

from policies.image import ImageError, parse_image
from policies.tags import classify


class Format(StrEnum):
    """How the list is written."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Description:
    """What one reference says."""

    reference: str
    valid: bool
    domain: str | None = None
    path: str | None = None
    tag: str | None = None
    digest: str | None = None
    class_: str | None = None
    error: str | None = None

    def fields(self) -> dict[str, object]:
        """Write the fields as they are called in JSON."""
        return {name.removesuffix("_"): value for name, value in asdict(self).items()}


def image(
    references: Annotated[
        list[str], typer.Argument(metavar="REF…", help="Image references, as in a manifest.")
    ],
    style: Annotated[Format, typer.Option("--format", help="How the list is written.")] = Format.TEXT,
) -> None:
    """Show how image references are read: domain, path, tag, digest, and the class of the tag."""
    described = [describe(reference) for reference in references]
    if style is Format.JSON:
        typer.echo(json.dumps([one.fields() for one in described], indent=2))
    else:
        for one in described:
            typer.echo(_line(one))
    if not all(one.valid for one in described):
        raise typer.Exit(1)


def describe(reference: str) -> Description:
    """Read one reference; a fault becomes a part of the description."""
    try:
        parsed = parse_image(reference)
    except ImageError as error:
        return Description(reference, valid=False, error=str(error))
    tag_class = classify(parsed, {})
    return Description(reference, True, parsed.domain, parsed.path, parsed.tag, parsed.digest, tag_class)


def _line(one: Description) -> str:
    if not one.valid:
        return f"{one.reference}: invalid: {one.error}"
    digest = f"  digest {one.digest}" if one.digest else ""
    return f"{one.reference}: {one.domain}/{one.path}  tag {one.tag or '-'} ({one.class_}){digest}"
