"""The folder `environments/` of a root in, its parsed layers out; faults are collected."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from envs.config.model.fields import is_label
from envs.config.reading.document import read_document
from kube.yaml.faults import DocumentError, Fault
from kube.yaml.origin import Origin
from kube.yaml.tree import Node

FOLDER = "environments"
FOLDERS = frozenset({"components", "definitions", "releases", "stacks"})
"""Folders with a meaning of their own, so that no layer has one of these names."""
RESERVED = frozenset({"base", "parity"}) | FOLDERS
"""Names that no environment has."""
RELEASES = f"{FOLDER}/releases"
_RELEASE = re.compile(rf"{RELEASES}/([^/]+)/([^/]+)/([^/]+)\.yaml")


@dataclass(frozen=True, slots=True)
class Folder:
    """Layers by name, and the names of those that cannot be read."""

    root: Path
    documents: dict[str, Node] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    apps: dict[str, Node] = field(default_factory=dict)
    """What the apps' own files say, as far as they were read, by the name of their layer."""

    @property
    def environments(self) -> list[str]:
        """Names of the environments, which are the layers with a tier."""
        return [name for name in self.documents if self.is_environment(name)]

    def is_environment(self, name: str) -> bool:
        """Tell whether a layer has a tier."""
        return name not in RESERVED and self.documents[name].child("tier") is not None


def read_folder(root: Path, faults: list[Fault]) -> Folder:
    """Read all layers of a root."""
    folder = Folder(root)
    for path in yaml_files(root, root / FOLDER, faults):
        if path.stem == "parity":
            continue
        if path.stem in FOLDERS:
            message = f"{path.stem} is a reserved name, of the folder {FOLDER}/{path.stem}/; rename this file"
            faults.append(Fault(start_of(root, path), "", message))
            continue
        try:
            folder.documents[path.stem] = read_layer(root, path)
        except DocumentError as error:
            faults += error.faults
            folder.broken.add(path.stem)
    faults += _folder_faults(folder)
    return folder


def release_path(environment: str, app: str, workload: str) -> str:
    """Path of the file of a release, relative to the root."""
    return f"{RELEASES}/{environment}/{app}/{workload}.yaml"


def released_by(path: str) -> tuple[str, str, str] | None:
    """Environment, app and workload of the file of a release; None for any other path."""
    named = _RELEASE.fullmatch(path)
    return None if named is None else (named[1], named[2], named[3])


def read_layer(root: Path, path: Path) -> Node:
    """Read one file, unless it is a link out of the root; raises DocumentError."""
    if _leads_out(root, path):
        raise DocumentError(
            Fault(start_of(root, path), "", "is a link out of the root; put the file itself here")
        )
    return read_document(path, _name(root, path))


def _leads_out(root: Path, path: Path) -> bool:
    """Tell whether a file is a link out of the root; paths are text, as there may be thousands of releases."""
    try:
        target = os.path.realpath(path, strict=True)
    except OSError:  # read_document says what is wrong with it
        return False
    return not target.startswith(os.path.join(os.path.realpath(root), ""))  # noqa: PTH118


def yaml_files(root: Path, top: Path, faults: list[Fault], *, deep: bool = False) -> Iterator[Path]:
    """List the YAML files of a folder, sorted; those that would be overlooked are faults."""
    for path in sorted(top.rglob("*") if deep else top.glob("*")):
        if path.name.startswith(".") or path.suffix.lower() not in {".yaml", ".yml"}:
            continue
        if path.suffix == ".yaml":
            yield path
        else:
            faults.append(Fault(start_of(root, path), "", f"is ignored; rename it to {path.stem}.yaml"))


def _folder_faults(folder: Folder) -> Iterator[Fault]:
    if not folder.documents and not folder.broken:
        yield Fault(Origin(FOLDER, 1, 1), "", f"there are no layers; is {folder.root} the right --root?")
    for node in folder.documents.values():
        written = node.child("name")
        if written is not None:
            yield Fault(written.key, "name", "is taken from the name of the file; delete this line")
    for name in folder.environments:
        yield from _environment_faults(folder, name)


def _environment_faults(folder: Folder, name: str) -> Iterator[Fault]:
    start = Origin(f"{FOLDER}/{name}.yaml", 1, 1)
    if not is_label(name):
        advice = "rename the file to lowercase letters, digits and dashes"
        yield Fault(start, "", f'the name "{name}" becomes part of namespaces; {advice}')
    if not (folder.root / FOLDER / "stacks" / f"Pulumi.{name}.yaml").is_file():
        advice = f"`envs new` writes one, or create {FOLDER}/stacks/Pulumi.{name}.yaml"
        yield Fault(start, "", f"the environment has no stack file; {advice}")


def layer_of(file: str) -> str | None:
    """Name the layer that a file belongs to by its path below the root; None for one that concerns all of them."""
    match PurePosixPath(file).parts:
        case (_, "releases", name, *_):
            return name
        case (_, "stacks", name):
            return name.removeprefix("Pulumi.").removesuffix(".yaml")
        case (_, name):
            return PurePosixPath(name).stem
        case (_, name, _):
            return name
    return None


def start_of(root: Path, path: Path) -> Origin:
    """Return the place of a file as a whole."""
    return Origin(_name(root, path), 1, 1)


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
