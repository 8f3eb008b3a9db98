"""Compares an environment with a commit, object by object."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from envs.review.masking import Mask
from envs.review.parse import parse
from envs.review.renames import only_renamed, renames, with_name
from kube.difference import ABSENT, FieldChange, differences
from kube.yaml.origin import origin_of


class ObjectAction(StrEnum):
    """What happens to an object."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    """It is created under a new name and deleted under the old one."""
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
    former: str = ""
    """What a renamed object was called."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The contents of one environment and the changes in it."""

    name: str
    tier: str
    apps: Mapping[str, int]
    kinds: Mapping[str, int]
    changes: tuple[ObjectChange, ...]
    before: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """All objects of the commit, by file; empty where nobody asks what the changes mean."""
    now: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """All objects that the layers give, by file; empty like those of the commit."""
    made: Mapping[str, Manifest] = field(default_factory=dict)
    """The same with what they are made from."""


def preview(  # noqa: PLR0913, PLR0917 - two states, and how to show them
    configuration: Configuration,
    name: str,
    manifests: Sequence[Manifest],
    repository: Repository,
    base: str | None,
    mask: Mask,
    *,
    whole: bool = True,
) -> Preview:
    """Compare the layers with what the commit `base` holds; without one, everything is new.

    Unless it is to be `whole`, it is without `before`, `now` and `made`, and holds one object of the commit at a time.
    """
    environment = configuration.environments[name]
    before = {blob.path: blob for blob in repository.files(base, environment_folder(name))} if base else {}
    changed = _changed(before, texts(name, manifests))
    by_file = {file_of(name, manifest): manifest for manifest in manifests}
    gone = dict(_objects(repository, [blob for path, blob in before.items() if path not in by_file]))
    replaced: Iterable[_Stored] = _objects(repository, changed)
    objects: dict[str, Mapping[str, Any]] = {}
    if whole:
        objects = {file: manifest.object for file, manifest in by_file.items()}
        replaced = list(replaced)
    changes = tuple(_changes(_Comparison(environment, mask), by_file, before, gone, replaced))
    was = {**objects, **gone, **dict(replaced)}
    return Preview(
        name=name,
        tier=environment.tier,
        apps=Counter(manifest.owner for manifest in manifests),
        kinds=Counter(manifest.kind for manifest in manifests),
        changes=changes,
        before={path: was.get(path, {}) for path in before} if whole else {},
        now=objects,
        made=by_file if whole else {},
    )


_Stored = tuple[str, dict[str, Any]]
"""A file of a commit and the object in it."""


def _changed(before: Mapping[str, Blob], now: Mapping[str, bytes]) -> list[Blob]:
    """List the files that have other bytes now, in the order in which objects are made."""
    both = [(before[path], data) for path, data in now.items() if path in before]
    return [blob for blob, data in both if blob_id(data, blob.id) != blob.id]


def _objects(repository: Repository, blobs: Iterable[Blob]) -> Iterator[_Stored]:
    for path, data in repository.read(blobs).items():
        yield path, parse(data, path)


def _changes(
    compare: _Comparison,
    by_file: Mapping[str, Manifest],
    before: Mapping[str, Blob],
    gone: Mapping[str, Mapping[str, Any]],
    replaced: Iterable[_Stored],
) -> Iterator[ObjectChange]:
    new = [file for file in by_file if file not in before]
    former = renames({file: by_file[file].object for file in new}, gone)
    yield from (_created(file, by_file[file]) for file in new if file not in former)
    yield from (compare.renamed(file, by_file[file], gone[former[file]]) for file in new if file in former)
    for file, old in replaced:
        yield from compare.updated(file, by_file[file], old)
    yield from (_deleted(file, old) for file, old in gone.items() if file not in former.values())


def apps_that_go(shown: Preview) -> Counter[str]:
    """Count the objects of the apps that are deleted as a whole."""
    deleted = Counter(change.app for change in shown.changes if change.action is ObjectAction.DELETE)
    return Counter({app: count for app, count in deleted.items() if app not in shown.apps})


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
        old = dict(_objects(repository, files[name]))
        changes = tuple(_deleted(path, body) for path, body in old.items())
        yield Preview(name, "", {}, {}, changes, before=old)


def _created(file: str, manifest: Manifest) -> ObjectChange:
    return ObjectChange(ObjectAction.CREATE, manifest.id, manifest.owner, file)


def _deleted(file: str, old: Mapping[str, Any]) -> ObjectChange:
    return ObjectChange(ObjectAction.DELETE, _identity(file, old), app_of(file), file)


def _identity(file: str, body: Mapping[str, Any]) -> str:
    metadata = body.get("metadata")
    named = metadata if isinstance(metadata, Mapping) else {}
    names = (body.get("kind"), named.get("namespace"), named.get("name"))
    return "/".join(str(name) for name in names if name) if names[0] and names[2] else file


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares objects of one environment with what they were."""

    environment: Environment
    mask: Mask

    def updated(self, file: str, manifest: Manifest, old: Mapping[str, Any]) -> Iterator[ObjectChange]:
        changes = list(differences(old, manifest.object))
        if changes:  # a file may differ in its formatting only
            yield self._change(ObjectAction.UPDATE, file, manifest, changes)

    def renamed(self, file: str, manifest: Manifest, old: Mapping[str, Any]) -> ObjectChange:
        changes = [
            change
            for change in differences(with_name(old, manifest.object), manifest.object)
            if not only_renamed(change, old, manifest.object)
        ]
        made = self._change(ObjectAction.RENAME, file, manifest, changes)
        return replace(made, former=_identity(file, old), restarts=None)

    def _change(
        self, action: ObjectAction, file: str, manifest: Manifest, changes: list[FieldChange]
    ) -> ObjectChange:
        return ObjectChange(
            action=action,
            object=manifest.id,
            app=manifest.owner,
            file=file,
            fields=tuple(self._field(change, manifest) for change in changes),
            restarts=_restarts(self.environment, manifest, changes),
        )

    def _field(self, change: FieldChange, manifest: Manifest) -> Field:
        return Field(self.mask(change, manifest.kind), _origin(self.environment, change, manifest))


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
