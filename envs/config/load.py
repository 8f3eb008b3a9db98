"""Loads the folder `environments/` of a root into typed and checked environments, or reports every fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from envs.config.checks.consistency import consistency_faults
from envs.config.checks.credentials import credential_faults
from envs.config.checks.sharing import shared_faults
from envs.config.content import ContentReader
from envs.config.layers import merge as layers
from envs.config.layers.folder import FOLDER, Folder, ReleaseFile, read_folder, read_releases
from envs.config.ledger import Ledger, read_ledger
from envs.config.model.environment import Environment
from envs.config.model.fields import is_label
from envs.config.promotion import promotion_order
from envs.config.reading.events import DocumentError, Node
from envs.config.reading.faults import ConfigurationError, Fault, suggestion
from envs.config.reading.origin import Origin, Text
from envs.config.reading.paths import dotted
from envs.config.validation.validate import place, validate
from envs.config.validation.verbatim import verbatim_faults


@dataclass(frozen=True, slots=True)
class Configuration:
    """All environments of a root, with what origins and components need besides the typed values."""

    root: Path
    environments: Mapping[str, Environment]
    """Typed environments, in the order of promotion."""
    trees: Mapping[str, Node]
    contents: Mapping[str, bytes]
    """Bytes of the files that the environments name, by their path below the root."""
    layers: Mapping[str, tuple[Node, ...]]
    """What each environment is merged from, weakest first; its releases come last."""
    ledger: Ledger
    """What each tag of an image has once named."""

    def environment(self, name: str) -> Environment:
        """Return the environment of that name; raises ConfigurationError with a suggestion."""
        if name not in self.environments:
            known = ", ".join(self.environments) or "none"
            hint = suggestion(name, self.environments)
            origin = Origin(f"{FOLDER}/{name}.yaml", 1, 1)
            raise ConfigurationError(
                [Fault(origin, "", f"there is no such environment (there are {known}){hint}")]
            )
        return self.environments[name]


def load(root: Path) -> Configuration:
    """Read, merge and check all layers below `root`; raises ConfigurationError with all faults of all files."""
    faults: list[Fault] = []
    folder = read_folder(root, faults)
    for document in folder.documents.values():
        faults += _release_faults(document)
    chains = _chains(folder, faults)
    stacks = {name: _with_releases(folder, name, chain, faults) for name, chain in chains.items()}
    ledger = read_ledger(root, faults)
    credentials = _credentials(folder, stacks)
    trees = {name: _named(layers.merge(stack), name) for name, stack in stacks.items()}
    environments: dict[str, Environment] = {}
    reader = ContentReader(root)
    for name, tree in trees.items():
        faults += verbatim_faults(tree)
        try:
            environment = validate(tree)
        except ConfigurationError as error:
            faults += error.faults
            continue
        environments[name] = environment
        faults += consistency_faults(environment, partial(place, tree))
        faults += reader.read(environment, partial(place, tree))
    if not faults:  # environments are checked against each other once each of them is valid
        faults += shared_faults(environments, lambda name: partial(place, trees[name]))
    if faults or credentials:
        hidden = {fault.origin for fault in credentials}  # no message may quote a credential
        raise ConfigurationError([*credentials, *(fault for fault in faults if fault.origin not in hidden)])
    ordered = {name: environments[name] for name in promotion_order(environments)}
    return Configuration(root, ordered, trees, reader.contents, stacks, ledger)


def _credentials(folder: Folder, stacks: Mapping[str, tuple[Node, ...]]) -> list[Fault]:
    """Find literals that look like credentials, including those that a stronger layer hides."""
    nodes = [*folder.documents.values(), *(layer for stack in stacks.values() for layer in stack)]
    return [
        fault for node in {id(node): node for node in nodes}.values() for fault in credential_faults(node)
    ]


def _release_faults(document: Node) -> Iterator[Fault]:
    for app, name, workload in _workloads(document):
        release = workload.child("release")
        if release is not None:
            path = dotted(("apps", app, "workloads", name, "release"))
            where = f"releases/<environment>/{app}/{name}.yaml"
            yield Fault(release.key, path, f"commands write releases to {where}; write `image:` here")


def _chains(folder: Folder, faults: list[Fault]) -> dict[str, list[Node]]:
    """Layers of each environment, weakest first; environments with a broken layer are left out."""
    chains: dict[str, list[Node]] = {}
    used: set[str] = set()
    for name in folder.documents:
        try:
            names = layers.chain(name, folder.documents, folder.broken)
        except DocumentError as error:
            faults += error.faults
            used |= {name}
            continue
        if name in folder.environments:
            used |= set(names)
        if name in folder.environments and is_label(name) and not folder.broken & set(names):
            chains[name] = [folder.documents[layer] for layer in names]
    if not folder.broken:
        faults += _unused(folder, used)
    return chains


def _unused(folder: Folder, used: set[str]) -> Iterator[Fault]:
    for name, document in folder.documents.items():
        if name in used or name == "base":
            continue
        keys = document.value if isinstance(document.value, dict) else {}
        near = [key for key in keys if suggestion(key, ["tier"])]
        if near:
            message = "unknown field; did you mean `tier`? Without it, no environment uses this layer"
            yield Fault(keys[near[0]].key, dotted(near[:1]), message)
        else:
            advice = "write `tier: test` or `tier: production` to make it one, or name it in an `extends:`"
            yield Fault(document.origin, "", f"no environment uses this layer; {advice}")


def _with_releases(folder: Folder, name: str, chain: list[Node], faults: list[Fault]) -> tuple[Node, ...]:
    """Add the releases of an environment as its strongest layers."""
    releases = read_releases(folder, name, faults)
    known = {(app, workload) for app, workload, _ in _workloads(layers.merge(chain))}
    for release in releases:
        if (release.app, release.workload) not in known:
            hint = suggestion(release.workload, (workload for app, workload in known if app == release.app))
            message = f"{name} has no workload {release.workload} in an app {release.app}"
            faults.append(Fault(release.node.place, "", f"{message}; delete the file or rename it{hint}"))
    fitting = [release for release in releases if (release.app, release.workload) in known]
    return (*chain, _layer_of(fitting)) if fitting else tuple(chain)


def _layer_of(releases: list[ReleaseFile]) -> Node:
    """Make one layer of releases; the mappings above them are in no file, so they have no origin of their own."""
    apps: dict[str, dict[str, Node]] = {}
    for release in releases:
        workloads = apps.setdefault(release.app, {})
        workloads[release.workload] = layers.unwritten({"release": release.node})
    return layers.unwritten(
        {
            "apps": layers.unwritten(
                {
                    app: layers.unwritten({"workloads": layers.unwritten(workloads)})
                    for app, workloads in apps.items()
                }
            )
        }
    )


def _workloads(tree: Node) -> Iterator[tuple[str, str, Node]]:
    apps = tree.child("apps")
    for app, node in apps.value.items() if apps and isinstance(apps.value, dict) else ():
        workloads = node.child("workloads")
        if workloads and isinstance(workloads.value, dict):
            yield from ((app, name, workload) for name, workload in workloads.value.items())


def _named(tree: Node, name: str) -> Node:
    entries = dict(tree.value) if isinstance(tree.value, dict) else {}
    entries.pop("extends", None)
    entries["name"] = Node(Text(name, tree.origin), tree.origin, tree.origin)
    return Node(entries, tree.origin, tree.key)
