"""`envs image`: shows how image references are read and how their tags are classified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from envs.cli.options import Format, TextOrJson, print_json
from envs.config.load import Configuration, load
from envs.gates.context import shapes
from kube.image import ImageError, parse_image
from policies.tags import Shape, classify

OptionalRoot = Annotated[
    Path | None,
    typer.Option(
        "--root",
        help="Folder whose environments/ declares the shapes of versions.",
        exists=True,
        file_okay=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Description:
    """The parts of one reference."""

    reference: str
    valid: bool
    domain: str | None = None
    path: str | None = None
    tag: str | None = None
    digest: str | None = None
    class_: str | None = None
    error: str | None = None

    def fields(self) -> dict[str, object]:
        """Return the fields under their names in JSON."""
        return {name.removesuffix("_"): value for name, value in asdict(self).items()}


def image(
    references: Annotated[
        list[str], typer.Argument(metavar="REF", help="Image references, as in a manifest.")
    ],
    output: TextOrJson = Format.TEXT,
    root: OptionalRoot = None,
) -> None:
    """Show how image references are read: domain, path, tag, digest and class of the tag."""
    declared = declared_shapes(load(root)) if root is not None else {}
    described = [describe(reference, declared) for reference in references]
    if output is Format.JSON:
        print_json([one.fields() for one in described])
    else:
        for one in described:
            typer.echo(_line(one))
    if not all(one.valid for one in described):
        raise typer.Exit(1)


def declared_shapes(configuration: Configuration) -> dict[str, Shape]:
    """Collect the shapes of versions that the environments declare."""
    return {
        repository: shape
        for environment in configuration.environments.values()
        for repository, shape in shapes(environment).items()
    }


def describe(reference: str, declared: Mapping[str, Shape]) -> Description:
    """Read one reference; an error becomes a part of the description."""
    try:
        parsed = parse_image(reference)
    except ImageError as error:
        return Description(reference, valid=False, error=str(error))
    tag_class = classify(parsed, declared)
    return Description(reference, True, parsed.domain, parsed.path, parsed.tag, parsed.digest, tag_class)


def _line(one: Description) -> str:
    if not one.valid:
        return f"{one.reference}: invalid: {one.error}"
    digest = f"  digest {one.digest}" if one.digest else ""
    return f"{one.reference}: {one.domain}/{one.path}  tag {one.tag or '-'} ({one.class_}){digest}"
