"""Reads the layers and releases in the folder `environments/` of a root; collects the faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from envs.config.model.fields import is_label
from envs.config.reading.document import read_document
from envs.config.reading.events import DocumentError, Node
from envs.config.reading.faults import Fault, suggestion
from envs.config.reading.origin import Origin

FOLDER = "environments"
RESERVED = frozenset({"base", "parity"})
IMAGES = "images"  # releases/images/ remembers tags; it belongs to no environment


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file below releases/: the workload that it belongs to, and what it says."""

    app: str
    workload: str
    node: Node


@dataclass(frozen=True, slots=True)
class Folder:
    """Layers by name, and the names of those that cannot be read."""

    root: Path
    documents: dict[str, Node] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    @property
    def environments(self) -> list[str]:
        """Names of the environments, which are the layers with a tier."""
        return [
            name
            for name, node in self.documents.items()
            if name not in RESERVED and node.child("tier") is not None
        ]


def read_folder(root: Path, faults: list[Fault]) -> Folder:
    """Read all layers of a root."""
    folder = Folder(root)
    for path in _yaml_files(root, root / FOLDER, faults):
        if path.stem == "parity":
            continue
        try:
            folder.documents[path.stem] = _read(root, path)
        except DocumentError as error:
            faults += error.faults
            folder.broken.add(path.stem)
    faults += _folder_faults(folder)
    faults += _release_folder_faults(folder)
    return folder


def read_releases(folder: Folder, environment: str, faults: list[Fault]) -> list[ReleaseFile]:
    """Read the releases of one environment."""
    releases = []
    top = folder.root / FOLDER / "releases" / environment
    for path in _yaml_files(folder.root, top, faults, deep=True):
        app, _, workload = path.relative_to(top).with_suffix("").as_posix().partition("/")
        try:
            node = _read(folder.root, path)
        except DocumentError as error:
            faults += error.faults
            continue
        if workload and "/" not in workload:
            releases.append(ReleaseFile(app, workload, node))
        else:
            message = f"is ignored; move it to {FOLDER}/releases/{environment}/<app>/<workload>.yaml"
            faults.append(Fault(_start(folder.root, path), "", message))
    return releases


def _read(root: Path, path: Path) -> Node:
    try:
        confined = path.resolve(strict=True).is_relative_to(root.resolve())
    except (
        OSError,
        RuntimeError,
    ):  # read_document says what is wrong with it; 3.11 raises RuntimeError on loops
        confined = True
    if not confined:
        raise DocumentError(
            Fault(_start(root, path), "", "is a link out of the root; put the file itself here")
        )
    return read_document(path, _name(root, path))


def _yaml_files(root: Path, top: Path, faults: list[Fault], *, deep: bool = False) -> Iterator[Path]:
    for path in sorted(top.rglob("*") if deep else top.glob("*")):
        if path.name.startswith(".") or path.suffix.lower() not in {".yaml", ".yml"}:
            continue
        if path.suffix == ".yaml":
            yield path
        else:
            faults.append(Fault(_start(root, path), "", f"is ignored; rename it to {path.stem}.yaml"))


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
    if name == IMAGES:
        yield Fault(start, "", f"releases/{IMAGES}/ remembers tags of images; choose another name")
    if not (folder.root / FOLDER / "stacks" / f"Pulumi.{name}.yaml").is_file():
        advice = f"`envs new` writes one, or create {FOLDER}/stacks/Pulumi.{name}.yaml"
        yield Fault(start, "", f"the environment has no stack file; {advice}")


def _release_folder_faults(folder: Folder) -> Iterator[Fault]:
    known = {*folder.environments, *folder.broken, IMAGES}
    for path in sorted((folder.root / FOLDER / "releases").glob("*")):
        if path.name not in known and not path.name.startswith("."):
            hint = suggestion(path.name, folder.environments)
            message = f"there is no environment {path.name}{hint}; releases belong in releases/<environment>/"
            yield Fault(_start(folder.root, path), "", message)


def _start(root: Path, path: Path) -> Origin:
    return Origin(_name(root, path), 1, 1)


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
