"""Compares an environment with a commit, object by object."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from components.objects.manifest import Manifest
from components.objects.rendered import FOLDER, PARTS, app_of, environment_folder, file_of
from envs.checkout.rendered import texts
from envs.checkout.repository import Blob, Repository, blob_id
from envs.config.load import Configuration
from envs.config.model.environment import Environment
from envs.config.model.workload import Serving, Workload
from envs.review.expressions import is_long_expression, line_of
from envs.review.parse import parse
from kube.difference import ABSENT, FieldChange, differences
from kube.yaml.origin import origin_of


class ObjectAction(StrEnum):
    """What happens to an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that changes, and where its new value was written: a place in a layer, or a component."""

    change: FieldChange
    origin: str


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """An object that changes."""

    action: ObjectAction
    object: str
    app: str
    file: str
    fields: tuple[Field, ...] = ()
    restarts: int | None = None
    """Number of pods that are replaced; None where none are."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The contents of one environment and the changes in it."""

    name: str
    tier: str
    apps: Mapping[str, int]
    kinds: Mapping[str, int]
    changes: tuple[ObjectChange, ...]


def preview(
    configuration: Configuration,
    name: str,
    manifests: Sequence[Manifest],
    repository: Repository,
    base: str | None,
) -> Preview:
    """Compare the layers with what the commit `base` holds; without one, everything is new."""
    environment = configuration.environments[name]
    now = texts(name, manifests)
    before = {blob.path: blob for blob in repository.files(base, environment_folder(name))} if base else {}
    gone = [blob for path, blob in before.items() if path not in now]
    changed = [
        blob for path, blob in before.items() if path in now and blob_id(now[path], blob.id) != blob.id
    ]
    old = {path: parse(data, path) for path, data in repository.read([*gone, *changed]).items()}
    by_file = {file_of(name, manifest): manifest for manifest in manifests}
    changes = [
        *(_created(file, manifest) for file, manifest in by_file.items() if file not in before),
        *_updated(environment, by_file, old),
        *(_deleted(blob.path, old[blob.path]) for blob in gone),
    ]
    return Preview(
        name=name,
        tier=environment.tier,
        apps=Counter(manifest.owner for manifest in manifests),
        kinds=Counter(manifest.kind for manifest in manifests),
        changes=tuple(changes),
    )


def removed(repository: Repository, base: str | None, known: Collection[str]) -> Iterator[Preview]:
    """List the environments that the commit has and the layers do not."""
    if base is None:
        return
    files: dict[str, list[Blob]] = defaultdict(list)
    for blob in repository.files(base, FOLDER):
        name, _, rest = blob.path.removeprefix(f"{FOLDER}/").partition("/")
        if rest.startswith(tuple(f"{part}/" for part in PARTS)):  # a README or the like may be beside them
            files[name].append(blob)
    for name in sorted(set(files) - set(known)):
        old = repository.read(files[name])
        changes = tuple(_deleted(path, parse(data, path)) for path, data in old.items())
        yield Preview(name, "", {}, {}, changes)


def _created(file: str, manifest: Manifest) -> ObjectChange:
    return ObjectChange(ObjectAction.CREATE, manifest.id, manifest.owner, file)


def _deleted(file: str, old: Mapping[str, Any]) -> ObjectChange:
    metadata = old.get("metadata")
    named = metadata if isinstance(metadata, Mapping) else {}
    names = (old.get("kind"), named.get("namespace"), named.get("name"))
    identity = "/".join(str(name) for name in names if name) if names[0] and names[2] else file
    return ObjectChange(ObjectAction.DELETE, identity, app_of(file), file)


def _updated(
    environment: Environment, by_file: Mapping[str, Manifest], old: Mapping[str, Any]
) -> Iterator[ObjectChange]:
    for file, manifest in by_file.items():
        if file not in old:
            continue
        changes = list(differences(old[file], manifest.object))
        if changes:  # a file may differ in its formatting only
            yield ObjectChange(
                action=ObjectAction.UPDATE,
                object=manifest.id,
                app=manifest.owner,
                file=file,
                fields=tuple(Field(change, _origin(environment, change, manifest)) for change in changes),
                restarts=_restarts(environment, manifest, changes),
            )


def _origin(environment: Environment, change: FieldChange, manifest: Manifest) -> str:
    if change.new is ABSENT:
        return ""
    origin = origin_of(change.new)
    if is_long_expression(change):
        origin = line_of(change, environment)
    return f"{origin.file}:{origin.line}" if origin else manifest.maker


def _restarts(environment: Environment, manifest: Manifest, changes: list[FieldChange]) -> int | None:
    """Count the pods that a changed template replaces; under an autoscaler, the minimum."""
    if not any(change.path.startswith("spec.template.") for change in changes):
        return None
    workload = _workload(environment, manifest)
    return (workload.fewest or None) if isinstance(workload, Serving) else None


def _workload(environment: Environment, manifest: Manifest) -> Workload | None:
    match manifest.source:
        case ("apps", app, "workloads", name):
            return environment.apps[app].workloads[name]
    return None
