"""Files of single apps: `<layer>/<app>.yaml` says what `apps.<app>` of `<layer>.yaml` would say, and is stronger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from envs.config.layers.folder import FOLDER, FOLDERS, Folder, read_layer, start_of, yaml_files
from envs.config.layers.merge import unwritten
from envs.config.model.fields import is_label
from envs.config.reading.faults import suggestion
from kube.yaml.faults import DocumentError, Fault
from kube.yaml.tree import Node

_DELEGABLE = "exemptions"


def read_apps(folder: Folder, layers: Iterable[str], faults: list[Fault]) -> None:
    """Read the apps' own files of some layers, each layer once; one with a file that cannot be read is broken."""
    for layer in layers:
        if layer not in folder.apps:
            folder.apps[layer] = _read(folder, layer, faults)


def app_of(file: str) -> str | None:
    """Name the app whose own file this is; None for other files."""
    match PurePosixPath(file).parts:
        case (_, layer, name) if layer not in FOLDERS:
            return name.removesuffix(".yaml")
    return None


def stray_folders(folder: Folder) -> Iterator[Fault]:
    """Faults for folders that would be overlooked: their names are almost those of a layer, and they hold YAML."""
    known = {*folder.documents, *folder.broken, *FOLDERS, "base"}
    for path in sorted((folder.root / FOLDER).glob("*/")):
        if path.name in known - {"base"} or path.name.startswith(".") or not any(path.glob("*.yaml")):
            continue
        hint = suggestion(path.name, known - FOLDERS)
        if path.name == "base" and "base" not in folder.documents and "base" not in folder.broken:
            yield Fault(start_of(folder.root, path), "", "is ignored; write base.yaml beside it")
        elif hint and path.name != "base":
            message = f"is ignored, since there is no layer {path.name}.yaml"
            yield Fault(start_of(folder.root, path), "", f"{message}{hint}")


def _read(folder: Folder, layer: str, faults: list[Fault]) -> Node:
    """Read the files of one layer into one node; the mappings above the apps are in no file."""
    apps: dict[str, Node] = {}
    exemptions: dict[str, Node] = {}
    for path in yaml_files(folder.root, folder.root / FOLDER / layer, faults):
        try:
            app, node = path.stem, read_layer(folder.root, path)
        except DocumentError as error:
            faults += error.faults
            folder.broken.add(layer)
            continue
        if not is_label(app):
            advice = "rename the file to lowercase letters, digits and dashes"
            message = f'"{app}" cannot be the name of an app; {advice}'
            faults.append(Fault(start_of(folder.root, path), "", message))
            continue
        apps[app], own = _without_policies(node)
        for name, exemption in _exemptions(layer, own, faults):
            exemptions[f"{app}-{name}"] = exemption
    found = {"apps": unwritten(apps)} if apps else {}
    if exemptions:
        found["policies"] = unwritten({_DELEGABLE: unwritten(exemptions)})
    return unwritten(found)


def _without_policies(node: Node) -> tuple[Node, Node | None]:
    entries = dict(node.value) if isinstance(node.value, dict) else {}
    own = entries.pop("policies", None)
    return replace(node, value=entries), own


def _exemptions(layer: str, own: Node | None, faults: list[Fault]) -> Iterator[tuple[str, Node]]:
    """Yield the exemptions that an app's file holds, which is all that it may say to the policies."""
    if own is None or own.value is None:
        return
    for key, node in own.value.items() if isinstance(own.value, dict) else [("", own)]:
        if key == _DELEGABLE and isinstance(node.value, dict):
            yield from node.value.items()
        else:
            message = f"an app's file may hold `exemptions` only; write the rest in {FOLDER}/{layer}.yaml"
            faults.append(Fault(node.key, f"policies.{key}".rstrip("."), message))
