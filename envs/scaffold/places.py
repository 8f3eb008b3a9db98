"""Which files and folders of a root belong to one environment, and whether a name can have them."""

from __future__ import annotations

import os
from pathlib import Path

from components.objects.rendered import environment_folder
from envs.checkout.rendered import check_folders
from envs.config.layers.folder import FOLDER, RESERVED
from envs.config.model.fields import is_label
from envs.errors import CommandError, Exit
from kube.yaml.faults import printable

_LONGEST_NAME = 80


def layer_file(name: str) -> str:
    """Path of the layer of an environment, below the root."""
    return f"{FOLDER}/{name}.yaml"


def app_folder(name: str) -> str:
    """Path of the folder of the apps' own files of a layer."""
    return f"{FOLDER}/{name}"


def stack_file(name: str) -> str:
    """Path of the file of its Pulumi stack."""
    return f"{FOLDER}/stacks/Pulumi.{name}.yaml"


def release_folder(name: str) -> str:
    """Path of the folder of its releases."""
    return f"{FOLDER}/releases/{name}"


def places(name: str) -> tuple[str, ...]:
    """All that belongs to an environment."""
    return (
        layer_file(name),
        app_folder(name),
        stack_file(name),
        release_folder(name),
        environment_folder(name),
    )


def check_name(name: str) -> None:
    """Raise CommandError for an invalid or reserved name of an environment."""
    if not is_label(name):
        shown, advice = (
            printable(name, _LONGEST_NAME),
            "write lowercase letters, digits and dashes, like staging-2",
        )
        raise CommandError(f'"{shown}" is not a valid name of an environment; {advice}', Exit.BAD_INPUT)
    if name in RESERVED:
        raise CommandError(f"{name} is a reserved name; choose another one", Exit.BAD_INPUT)


def check_free(root: Path, name: str) -> None:
    """Raise CommandError if a file of a new environment already exists, or a file is where a folder must be."""
    check_folders(
        root, [layer_file(name), f"{app_folder(name)}/*", stack_file(name), f"{release_folder(name)}/*"]
    )
    for path in places(name):
        if os.path.lexists(root / path):
            raise CommandError(f"{path} already exists; nothing was written", Exit.BAD_INPUT)
