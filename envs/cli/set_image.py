"""`envs set-image`: releases an image for one workload, with its rendered objects."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envs.cli.options import HERE, Name, Root
from envs.cli.writing import Branch, Commit, Onto, Push, Remote, carry_out
from envs.config.load import load
from envs.errors import CommandError, Exit
from envs.releases.image import NewImage
from envs.releases.image import set_image as release
from envs.releases.registry.digest import find_digest
from envs.releases.registry.registries import Registries
from envs.releases.target import find_environment
from kube.image import ImageError, parse_image

Workload = Annotated[
    str,
    typer.Argument(metavar="APP/WORKLOAD[/CONTAINER]", help="A workload, or one of its other containers."),
]
ImageText = Annotated[str, typer.Argument(metavar="IMAGE", help="The image, with its tag or digest.")]
Build = Annotated[
    str | None, typer.Option("--build", metavar="ID", help="Id of the build that made the image.")
]
Source = Annotated[
    str | None,
    typer.Option("--source", metavar="COMMIT", help="Commit that the image was built from, in full."),
]
Digest = Annotated[
    str | None, typer.Option("--digest", help="Digest of the image; default: the registry is asked for it.")
]
NoDigest = Annotated[
    bool, typer.Option("--no-digest", help="Ask no registry; only where the image reaches no production.")
]
Force = Annotated[
    str | None,
    typer.Option(
        "--force", metavar="REASON", help="Release here without a promotion; the reason is written down."
    ),
]


def set_image(  # noqa: PLR0913 each is an option of the command
    name: Name,
    what: Workload,
    image: ImageText,
    *,
    build: Build = None,
    source: Source = None,
    digest: Digest = None,
    no_digest: NoDigest = False,
    force: Force = None,
    commit: Commit = False,
    push: Push = False,
    branch: Branch = None,
    remote: Remote = "origin",
    onto: Onto = None,
    root: Root = HERE,
) -> None:
    """Release an image: write the release of a workload and its rendered objects, judged by the policies."""
    pinned = _pinned(image, digest)
    if parse_image(pinned).digest is None and not no_digest:
        pinned = f"{pinned}@{find_digest(parse_image(pinned), _registries(root, name))}"
    new = NewImage(pinned, build, source, force)
    decide = release(name, what, new)
    carry_out(root, decide, commit=commit, push=push, branch=branch, remote=remote, onto=onto)


def _pinned(text: str, digest: str | None) -> str:
    """Add the digest that was given to a reference; raises CommandError where that is not one image."""
    try:
        image = parse_image(text)
        if digest is not None and image.digest not in {None, digest}:
            raise CommandError(
                f"{text} and --digest {digest} name two images; give one of them", Exit.BAD_INPUT
            )
        if image.digest is None and digest is not None:
            text = f"{text}@{digest}"
            parse_image(text)
    except ImageError as error:
        raise CommandError(str(error), Exit.BAD_INPUT) from error
    return text


def _registries(root: Path, name: str) -> Registries:
    """Return the registries to ask for an environment, by the mirrors that its layers name."""
    return Registries(find_environment(load(root), name).mirrors)
