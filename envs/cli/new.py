"""`envs new`: creates an environment as a copy of another; nothing else has to be edited."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from components.objects.manifest import Manifest
from components.objects.rendered import FOLDER as RENDERED
from envs.checkout.rendered import check_folders, replace_file, texts
from envs.cli.options import HERE, Root, chosen, write
from envs.config.layers.folder import FOLDER, IMAGES, RESERVED
from envs.config.load import load
from envs.config.model.environment import Environment
from envs.config.model.fields import is_label
from envs.config.reading.faults import ConfigurationError, printable
from envs.errors import CommandError, Exit
from envs.gates.rendering import render_environment
from kube.yaml.write import to_yaml

Name = Annotated[str, typer.Argument(metavar="NAME", help="The new environment.")]
From = Annotated[str, typer.Option("--from", metavar="ENV", help="The environment to start from.")]
_MODELINE = "# yaml-language-server:"
_LONGEST_NAME = 80


def new(name: Name, source: From, root: Root = HERE) -> None:
    """Create an environment as a copy of another: layer, releases, stack file, rendered objects."""
    _check_name(name)
    environments = load(root).environments
    environment = environments[chosen([source], environments)[0]]
    _check_free(root, name)
    with _all_or_nothing(root) as create:
        create(f"{FOLDER}/{name}.yaml", _layer(root, name, source))
        create(f"{FOLDER}/stacks/Pulumi.{name}.yaml", _stack_file(root, name, source))
        for path, text in _releases(environment, name):
            create(path, text)
        manifests = _judged(root, name, source)
        for path, data in texts(name, manifests).items():
            create(path, data)
    write(
        f"{name}: {len(manifests)} objects, as a copy of {source}; next:\n"
        f"  edit {FOLDER}/{name}.yaml to hold only what differs, then run `envs render`\n"
        "  commit, and open a pull request, which previews the new stack"
    )


def _stack_file(root: Path, name: str, source: str) -> bytes:
    """Copy a stack file with its salt; without one Pulumi would write its own and drop the comment.

    A salt belongs to a passphrase, not to a stack: see docs/pulumi.md.
    """
    lines = (root / FOLDER / "stacks" / f"Pulumi.{source}.yaml").read_bytes().splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if not line.startswith(b"#")), len(lines))
    head = f"# Settings of the stack {name}; everything else is in {FOLDER}/{name}.yaml.\n"
    return b"".join([head.encode(), *lines[start:]])


def _check_name(name: str) -> None:
    if not is_label(name):
        shown, advice = (
            printable(name, _LONGEST_NAME),
            "write lowercase letters, digits and dashes, like staging-2",
        )
        raise CommandError(f'"{shown}" is not a valid name of an environment; {advice}', Exit.BAD_INPUT)
    if name in {*RESERVED, IMAGES}:
        raise CommandError(f"{name} is a reserved name; choose another one", Exit.BAD_INPUT)


def _check_free(root: Path, name: str) -> None:
    taken = (
        f"{FOLDER}/{name}.yaml",
        f"{FOLDER}/stacks/Pulumi.{name}.yaml",
        f"{FOLDER}/releases/{name}",
        f"{RENDERED}/{name}",
    )
    check_folders(root, [f"{path}/*" if path.endswith(f"/{name}") else path for path in taken[:3]])
    for path in taken:
        if os.path.lexists(root / path):
            raise CommandError(f"{path} already exists; nothing was written", Exit.BAD_INPUT)


def _judged(root: Path, name: str, source: str) -> tuple[Manifest, ...]:
    """Check the copy together with all other environments."""
    try:
        return render_environment(load(root), name)
    except ConfigurationError as error:
        advice = f"write in {FOLDER}/{source}.yaml what a copy can share, such as hosts without a dot"
        message = f"a copy of {source} would conflict with it; {advice}:\n{error.report()} of the copy"
        raise CommandError(f"{message}; nothing was written", Exit.BAD_INPUT) from error


def _layer(root: Path, name: str, source: str) -> bytes:
    """Copy a layer byte by byte, except the comment at its head, which describes the other environment."""
    lines = (root / FOLDER / f"{source}.yaml").read_bytes().splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if not line.startswith(b"#")), len(lines))
    head = [line for line in lines[:start] if line.startswith(_MODELINE.encode())]
    return b"".join([*head, f"# {name}: started as a copy of {source}.\n".encode(), *lines[start:]])


def _releases(environment: Environment, name: str) -> Iterator[tuple[str, bytes]]:
    """Write what the source runs as releases of the copy, without the evidence, which is the source's."""
    for app_name, app in environment.apps.items():
        for workload_name, workload in app.workloads.items():
            if workload.release is not None:
                release = {"image": workload.release.image}
                if workload.release.build is not None:
                    release["build"] = workload.release.build
                path = f"{FOLDER}/releases/{name}/{app_name}/{workload_name}.yaml"
                yield path, to_yaml(release).encode()


@contextlib.contextmanager
def _all_or_nothing(root: Path) -> Iterator[Creator]:
    creator = Creator(root)
    try:
        yield creator
    except BaseException:
        creator.undo()
        raise


class Creator:
    """Creates files, and deletes all of them again on `undo`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: list[Path] = []

    def __call__(self, path: str, data: bytes) -> None:
        """Create one file, given by its path below the root."""
        self._made.append(self._root / path)
        replace_file(self._root / path, data)

    def undo(self) -> None:
        """Delete what was created, and the folders that are empty after that."""
        for path in self._made:
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self._root or not folder.is_dir() or any(folder.iterdir()):
                    break
                folder.rmdir()
