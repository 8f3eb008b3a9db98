"""`envs init`: a new root, complete and rendered, in an empty folder or in an existing repository."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from components.objects.rendered import FOLDER as RENDERED
from envs.checkout.creation import all_or_nothing, put_aside
from envs.checkout.rendered import check_folders
from envs.checkout.repository import Repository
from envs.cli.options import HERE, write
from envs.config.layers.folder import FOLDER
from envs.errors import CommandError, Exit
from envs.gates.placeholders import is_placeholder
from envs.gates.trial import Trial, complete
from envs.starter.files import SHARED, Start, layers, project, workflows
from envs.starter.naming import app_name, environment_names, project_name, requirement_line
from envs.starter.requirement import installed, placeholder
from envs.starter.sample import PAGES, is_copy, renamed, without_sample
from kube.yaml.faults import quoted

Files = Mapping[Path, bytes]


class Delivery(StrEnum):
    """Who applies the workloads of an app."""

    PUSH = "push"
    PULL = "pull"


Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="Folder of the new root; by default this one.", file_okay=False)
]
App = Annotated[str, typer.Option("--app", metavar="NAME", help="Name of the first app.")]
Environments = Annotated[
    str,
    typer.Option(
        "--environments",
        metavar="NAMES",
        help="Environments in the order of promotion; the last one is of tier production.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option("--name", metavar="PROJECT", help="Pulumi project; by default the name of the folder."),
]
ByWhom = Annotated[
    Delivery, typer.Option("--delivery", help="Pulumi applies the app (push), or the GitOps job does (pull).")
]
Requirement = Annotated[
    str | None,
    typer.Option(
        "--requirement",
        metavar="LINE",
        help="Line of requirements.txt; by default where this program was installed from.",
    ),
]
Replace = Annotated[
    bool, typer.Option("--replace", help="In a copy of this project: delete the sample environments first.")
]
_PREFIX = re.compile(r"[A-Za-z0-9._/-]*")  # needs no quotes in YAML, in a shell or in an expression of GitHub


def init(  # noqa: PLR0913 each is an option of the command
    folder: Folder = HERE,
    *,
    app: App,
    environments: Environments = "qa,e2e,prod",
    name: Name = None,
    delivery: ByWhom = Delivery.PUSH,
    requirement: Requirement = None,
    replace: Replace = False,
) -> None:
    """Write a root of your own: layers, Pulumi project, workflows and rendered objects."""
    version, source = installed()
    start = Start(
        app=app_name(app),
        environments=environment_names(environments),
        pulled=delivery is Delivery.PULL,
        project=project_name(name or folder.resolve().name),
        identity=str(uuid4()),
        requirement=requirement_line(requirement or source or placeholder(version)),
        version=version,
    )
    root = complete(layers(start))
    if is_copy(folder):
        _write_copy(folder, start, root, replace=replace)
        write("\n".join(_report(folder, start, root, {})))
        return
    if replace:
        message = f"{folder} is not a copy of this project; --replace deletes nothing elsewhere"
        raise CommandError(message, Exit.REFUSED)
    kept = _write_new(folder, start, root)
    write("\n".join(_report(folder, start, root, kept)))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a new root goes; all of it is resolved."""

    root: Path
    top: Path
    """Top of its repository, where GitHub reads workflows; outside of one, the root itself."""
    base: Path
    """A folder that exists, with all of these in it."""

    @property
    def prefix(self) -> str:
        """Path from the top to the root, with a slash at its end."""
        return "" if self.root == self.top else f"{self.root.relative_to(self.top).as_posix()}/"


def _place(folder: Path, *, pulled: bool) -> _Place:
    root = folder.resolve()
    existing = next(parent for parent in (root, *root.parents) if parent.is_dir())
    top = Repository(existing).top()
    place = _Place(root, top.resolve(), top.resolve()) if top else _Place(root, root, existing)
    if not _PREFIX.fullmatch(place.prefix):
        message = f"{quoted(place.prefix)} is not allowed in a workflow; use letters, digits, dots and dashes"
        raise CommandError(message, Exit.BAD_INPUT)
    if pulled and place.prefix:
        message = f"the GitOps job reads {RENDERED}/ at the top of a repository; use {place.top}, or --delivery push"
        raise CommandError(message, Exit.BAD_INPUT)
    return place


def _write_new(folder: Path, start: Start, root: Trial) -> dict[str, list[str]]:
    """Create all files; returns the lines that are missing in those that exist and are shared."""
    place = _place(folder, pulled=start.pulled)
    files = {
        **{place.root / path: data for path, data in {**root.files, **project(start)}.items()},
        **{place.top / path: data for path, data in workflows(start, place.prefix).items()},
    }
    shared = sorted(place.root / name for name in SHARED if os.path.lexists(place.root / name))
    missing = {path.name: _missing(path, files.pop(path)) for path in shared}
    _check_free([place.root / FOLDER, place.root / RENDERED, *files])
    _create(place.base, files)
    return missing


def _write_copy(folder: Path, start: Start, root: Trial, *, replace: bool) -> None:
    """Create the layers of a copy of this project, which has the rest, and take out what knew the sample."""
    if not replace:
        _check_free([folder / FOLDER, folder / RENDERED], "; --replace deletes the sample")
    pages = [folder / name for name in PAGES if (folder / name).is_file()]
    settings = renamed((folder / "Pulumi.yaml").read_text("utf-8"), start.project, start.identity)
    files = {
        **{folder / path: data for path, data in root.files.items()},
        **{page: without_sample(page.read_text("utf-8")).encode() for page in pages},
        folder / "Pulumi.yaml": settings.encode(),
    }
    with put_aside(folder, [folder / FOLDER, folder / RENDERED, *pages, folder / "Pulumi.yaml"]):
        _create(folder, files)


def _create(base: Path, files: Files) -> None:
    paths = {path.relative_to(base).as_posix(): data for path, data in files.items()}
    check_folders(base, paths)
    with all_or_nothing(base) as create:
        for path, data in paths.items():
            create(path, data)


def _check_free(paths: Sequence[Path], advice: str = "; choose another folder") -> None:
    taken = [path for path in paths if os.path.lexists(path)]
    # A folder that exists says enough of the files in it.
    taken = [path for path in taken if not any(parent in taken for parent in path.parents)]
    if taken:
        names = ", ".join(os.path.relpath(path) for path in taken)
        verb = "exists" if len(taken) == 1 else "exist"
        raise CommandError(f"{names} {verb} already; nothing was written{advice}", Exit.BAD_INPUT)


def _missing(path: Path, wanted: bytes) -> list[str]:
    there = path.read_text("utf-8", errors="replace").splitlines()
    return [line for line in wanted.decode().splitlines() if line not in there]


def _report(folder: Path, start: Start, root: Trial, kept: Mapping[str, list[str]]) -> Iterator[str]:
    yield f"{start.app}: {', '.join(start.environments)}; Pulumi project {start.project}"
    yield "To fill in (`envs check` lists what is left of the layers):"
    for finding in root.placeholders:
        yield f"  {finding.origin}: {finding.path}"
    if is_placeholder(start.requirement) and not is_copy(folder):
        yield "  requirements.txt:2:1: where to install gitops-environments from"
    for name, lines in kept.items():
        if lines:
            yield f"Add to {name}, which exists already: {'  '.join(lines)}"
    root_option = "" if folder.resolve() == Path.cwd() else f" --root {folder}"
    yield f"Next: envs preview{root_option}"
