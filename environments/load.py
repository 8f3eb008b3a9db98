"""The folder `environments/` of a root in, all environments typed and checked out, or every fault at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from environments import layers
from environments.consistency import consistency_faults
from environments.content import ContentReader
from environments.credentials import credential_faults
from environments.document import DocumentError, Node, read_document
from environments.faults import ConfigurationError, Fault, suggestion
from environments.fields import is_label
from environments.model import Environment
from environments.origin import Origin, Text
from environments.sharing import shared_faults
from environments.validate import place, validate

FOLDER = "environments"
RESERVED = frozenset({"base", "parity"})
IMAGES = "images"  # releases/images/ remembers tags; it belongs to no environment


@dataclass(frozen=True, slots=True)
class Configuration:
    """All environments of a root, with what origins and components need beside the typed values."""

    root: Path
    environments: Mapping[str, Environment]
    trees: Mapping[str, Node]
    contents: Mapping[str, bytes]
    """Bytes of the files that the environments name, by their path below the root."""

    def environment(self, name: str) -> Environment:
        """Return the environment of that name; raises ConfigurationError with a suggestion."""
        if name not in self.environments:
            known = ", ".join(self.environments)
            hint = suggestion(name, self.environments)
            origin = Origin(f"{FOLDER}/{name}.yaml", 1, 1)
            raise ConfigurationError(
                [Fault(origin, "", f"there is no such environment (there are {known}){hint}")]
            )
        return self.environments[name]


def load(root: Path) -> Configuration:
    """Read, merge and check all layers below `root`; raises ConfigurationError with all faults of all files."""
    faults: list[Fault] = []
    documents = _read_documents(root, faults)
    names = [name for name, node in documents.items() if _is_environment(name, node)]
    faults += _folder_faults(root, names, documents)
    faults += _release_folder_faults(root, names)
    trees = _merge(root, names, documents, faults)
    environments: dict[str, Environment] = {}
    reader = ContentReader(root)
    for name, tree in trees.items():
        faults += credential_faults(tree)
        try:
            environment = validate(tree)
        except ConfigurationError as error:
            faults += error.faults
            continue
        environments[name] = environment
        faults += consistency_faults(environment, partial(place, tree))
        faults += reader.read(environment, partial(place, tree))
    if not faults:  # what environments say of each other is judged once each of them is sound
        faults += shared_faults(environments, lambda name: partial(place, trees[name]))
    if faults:
        raise ConfigurationError(faults)
    return Configuration(root, environments, trees, reader.contents)


def _read_documents(root: Path, faults: list[Fault]) -> dict[str, Node]:
    documents: dict[str, Node] = {}
    for path in sorted((root / FOLDER).glob("*.y*ml")):
        name = f"{FOLDER}/{path.name}"
        if path.suffix != ".yaml":
            faults.append(Fault(Origin(name, 1, 1), "", f"is not read; rename it to {path.stem}.yaml"))
            continue
        if path.stem == "parity":
            continue
        try:
            documents[path.stem] = read_document(path, name)
        except DocumentError as error:
            faults += error.faults
    return documents


def _is_environment(name: str, node: Node) -> bool:
    return name not in RESERVED and isinstance(node.value, dict) and "tier" in node.value


def _folder_faults(root: Path, names: list[str], documents: Mapping[str, Node]) -> Iterator[Fault]:
    if not documents and not any((root / FOLDER).glob("*.yaml")):
        yield Fault(Origin(FOLDER, 1, 1), "", f"there are no layers; is {root} the right --root?")
    for node in documents.values():
        if isinstance(node.value, dict) and "name" in node.value:
            yield Fault(node.value["name"].key, "name", "is the name of the file; delete this line")
    for name in names:
        start = Origin(f"{FOLDER}/{name}.yaml", 1, 1)
        if not is_label(name):
            yield Fault(
                start, "", f'"{name}" becomes part of namespaces; use small letters, digits and dashes'
            )
        if not (root / FOLDER / "stacks" / f"Pulumi.{name}.yaml").is_file():
            advice = f"`envs new` writes one, or create {FOLDER}/stacks/Pulumi.{name}.yaml"
            yield Fault(start, "", f"the environment has no stack file; {advice}")


def _release_folder_faults(root: Path, names: list[str]) -> Iterator[Fault]:
    for path in sorted((root / FOLDER / "releases").glob("*")):
        if path.name not in {*names, IMAGES}:
            origin = Origin(f"{FOLDER}/releases/{path.name}", 1, 1)
            yield Fault(origin, "", f"there is no environment {path.name}{suggestion(path.name, names)}")


def _merge(
    root: Path, names: list[str], documents: Mapping[str, Node], faults: list[Fault]
) -> dict[str, Node]:
    trees: dict[str, Node] = {}
    for name in names:
        try:
            chain = [documents[layer] for layer in layers.chain(name, documents)]
        except DocumentError as error:
            faults += error.faults
            continue
        tree = layers.merge(chain)
        releases = _read_releases(root, name, tree, faults)
        trees[name] = _named(layers.merge([tree, *releases]), name)
    return trees


def _named(tree: Node, name: str) -> Node:
    entries = dict(tree.value) if isinstance(tree.value, dict) else {}
    entries.pop("extends", None)
    entries["name"] = Node(Text(name, tree.origin), tree.origin, tree.origin)
    return Node(entries, tree.origin, tree.key)


def _read_releases(root: Path, name: str, tree: Node, faults: list[Fault]) -> Iterator[Node]:
    folder = root / FOLDER / "releases" / name
    for path in sorted(folder.rglob("*.yaml")):
        file = path.relative_to(root).as_posix()
        app, workload = path.parent.relative_to(folder).as_posix(), path.stem
        try:
            release = read_document(path, file)
        except DocumentError as error:
            faults += error.faults
            continue
        known = _names_at(tree, ("apps", app, "workloads"))
        if workload not in known:
            hint = suggestion(workload, known)
            message = f"{name} has no workload {workload} in an app {app}{hint}; delete the file or rename it"
            faults.append(Fault(Origin(file, 1, 1), "", message))
            continue
        yield _wrap(release, ("apps", app, "workloads", workload, "release"))


def _names_at(tree: Node, path: tuple[str, ...]) -> list[str]:
    node = tree
    for step in path:
        if not isinstance(node.value, dict) or step not in node.value:
            return []
        node = node.value[step]
    return list(node.value) if isinstance(node.value, dict) else []


def _wrap(node: Node, path: tuple[str, ...]) -> Node:
    for step in reversed(path):
        node = Node({step: node}, node.origin, node.origin)
    return node
