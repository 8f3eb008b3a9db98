"""Releases as the strongest layers of an environment: one file a workload below releases/<environment>/<app>/.

Beside the folder of an app stands `<app>.yaml` where all of its releases are held.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from envs.config.layers.folder import RELEASES, Folder, read_layer, start_of, yaml_files
from envs.config.layers.merge import merge, unwritten
from envs.config.reading.faults import suggestion
from kube.yaml.faults import DocumentError, Fault
from kube.yaml.paths import dotted
from kube.yaml.tree import Node

HOLD = "hold"


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file below releases/: the app or workload that it belongs to, and what it says."""

    app: str
    workload: str
    """Empty for the file of an app."""
    node: Node


def misplaced_releases(folder: Folder) -> Iterator[Fault]:
    """Faults for releases in a layer, or in a folder of an unknown environment."""
    for document in folder.documents.values():
        yield from _written_by_hand(document)
    yield from _folder_faults(folder)


def with_releases(folder: Folder, name: str, chain: Sequence[Node], faults: list[Fault]) -> tuple[Node, ...]:
    """Add the releases of an environment as its strongest layers."""
    releases = _read_releases(folder, name, faults)
    tree = merge(chain)
    known = {(app, workload) for app, workload, _ in _workloads(tree)} | {(app, "") for app, _ in _apps(tree)}
    for release in releases:
        if not release.workload:
            faults += _app_faults(name, release, {app for app, _ in known})
        elif (release.app, release.workload) not in known:
            hint = suggestion(release.workload, (workload for app, workload in known if app == release.app))
            message = f"{name} has no workload {release.workload} in an app {release.app}"
            faults.append(Fault(release.node.place, "", f"{message}; delete the file or rename it{hint}"))
    fitting = [release for release in releases if (release.app, release.workload) in known]
    return (*chain, _layer_of(fitting)) if fitting else tuple(chain)


def _layer_of(releases: list[ReleaseFile]) -> Node:
    """Make one layer of releases; the mappings above them are in no file, so they have no origin of their own."""
    apps: dict[str, dict[str, Node]] = {}
    holds: dict[str, dict[str, Node]] = {}
    for release in releases:
        entries = apps.setdefault(release.app, {})
        if release.workload:
            entries[release.workload] = unwritten({"release": release.node})
        elif (hold := release.node.child(HOLD)) is not None:
            holds[release.app] = {HOLD: hold}
    said = {
        app: unwritten({**holds.get(app, {}), **({"workloads": unwritten(workloads)} if workloads else {})})
        for app, workloads in apps.items()
    }
    return unwritten({"apps": unwritten(said)})


def _app_faults(environment: str, release: ReleaseFile, apps: Collection[str]) -> Iterator[Fault]:
    """Find what is wrong with the file of an app, which may hold its releases and say nothing else."""
    if release.app not in apps:
        hint = suggestion(release.app, apps)
        where = f"{RELEASES}/{environment}/<app>/<workload>.yaml"
        message = f"{environment} has no app {release.app}; a release belongs in {where}{hint}"
        yield Fault(release.node.place, "", message)
        return
    for key, node in release.node.value.items() if isinstance(release.node.value, dict) else ():
        if key != HOLD:
            message = f"only `hold:` belongs here; releases are in {RELEASES}/{environment}/{release.app}/"
            yield Fault(node.key, key, message)


def _read_releases(folder: Folder, environment: str, faults: list[Fault]) -> list[ReleaseFile]:
    """Read the releases of one environment."""
    releases = []
    top = folder.root / RELEASES / environment
    for path in yaml_files(folder.root, top, faults, deep=True):
        app, _, workload = path.relative_to(top).with_suffix("").as_posix().partition("/")
        try:
            node = read_layer(folder.root, path)
        except DocumentError as error:
            faults += error.faults
            continue
        if "/" not in workload:
            releases.append(ReleaseFile(app, workload, node))
        else:
            message = f"is ignored; move it to {RELEASES}/{environment}/<app>/<workload>.yaml"
            faults.append(Fault(start_of(folder.root, path), "", message))
    return releases


def _folder_faults(folder: Folder) -> Iterator[Fault]:
    known = {*folder.environments, *folder.broken}
    for path in sorted((folder.root / RELEASES).glob("*")):
        if path.name not in known and not path.name.startswith("."):
            hint = suggestion(path.name, folder.environments)
            message = f"there is no environment {path.name}{hint}; releases belong in releases/<environment>/"
            yield Fault(start_of(folder.root, path), "", message)


def _written_by_hand(document: Node) -> Iterator[Fault]:
    for app, node in _apps(document):
        hold = node.child(HOLD)
        if hold is not None:
            message = f"a hold belongs in releases/<environment>/{app}.yaml; `envs hold` writes it"
            yield Fault(hold.key, dotted(("apps", app, HOLD)), message)
    for app, name, workload in _workloads(document):
        release = workload.child("release")
        if release is not None:
            path = dotted(("apps", app, "workloads", name, "release"))
            where = f"releases/<environment>/{app}/{name}.yaml"
            yield Fault(release.key, path, f"a release belongs in {where}; write `image:` here")


def _apps(tree: Node) -> Iterator[tuple[str, Node]]:
    apps = tree.child("apps")
    yield from apps.value.items() if apps and isinstance(apps.value, dict) else ()


def _workloads(tree: Node) -> Iterator[tuple[str, str, Node]]:
    for app, node in _apps(tree):
        workloads = node.child("workloads")
        if workloads and isinstance(workloads.value, dict):
            yield from ((app, name, workload) for name, workload in workloads.value.items())
