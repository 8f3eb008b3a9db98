"""Decides which fields of a live object are ours: fields taken over, fields left alone, and the essence."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable

from gitops.engine import managed_fields
from gitops.engine.field_trees import stripped
from gitops.engine.managed_fields import Path, Place
from gitops.engine.managers import CONTROLLERS
from gitops.globs import matches
from gitops.objects import MANAGER, Body, Key, digest
from gitops.settings import Options

_OF_THE_SERVER = {"managedFields", "resourceVersion", "generation", "creationTimestamp", "selfLink"}
REPLICAS = "/spec/replicas"
# What `kubectl rollout restart` writes: somebody asked for new pods, and removing it would restart them again.
RESTARTED = "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt"
_RESTARTABLE = {"apps/DaemonSet", "apps/Deployment", "apps/StatefulSet"}
# Only who set these may remove them: a controller would put them back, or its objects would never be collected.
_NEVER_TAKEN = {("f:metadata", "f:finalizers"), ("f:metadata", "f:ownerReferences")}


def pointers(key: Key, live: Body | None, options: Options, autoscaled: Collection[Key]) -> tuple[str, ...]:
    """List the fields that keep their live values: ignored ones, autoscaled replicas, and the mark of a restart."""
    ignored = [
        pointer
        for rule in options.ignore
        if matches(rule.kind, key.kind) or matches(rule.kind, key.qualified_kind)
        if matches(rule.name, key.name)
        for pointer in rule.pointers
    ]
    if key in autoscaled or (live is not None and _scaled_by_controller(live)):
        ignored.append(REPLICAS)
    if key.qualified_kind in _RESTARTABLE:
        ignored.append(RESTARTED)
    return tuple(dict.fromkeys(ignored))


def _scaled_by_controller(live: Body) -> bool:
    """Tell whether an autoscaler has set the replicas, which it does through the scale subresource."""
    return any(
        entry.get("subresource") == "scale" and entry.get("manager") in CONTROLLERS
        for entry in managed_fields.entries(live)
    )


def with_left_alone(desired: Body, live: Body | None, left_alone: Iterable[str]) -> Body:
    """Adapt an object so that fields left alone keep their live values.

    A field that somebody else owns is omitted. One that only this job owns would be removed if it were omitted
    (replicas would drop to one), so it is applied with its live value until somebody else takes it.
    """
    if live is None:
        return desired
    result = copy.deepcopy(desired)
    for pointer in left_alone:
        place = managed_fields.place_of(live, pointer)
        value = managed_fields.value_at(live, place)
        if value is None or _owned_elsewhere(live, place):
            result = managed_fields.removed(result, [managed_fields.place_of(result, pointer)])
        else:
            _put(result, managed_fields.place_of(result, pointer), value)
    return result


def _owned_elsewhere(live: Body, place: Place) -> bool:
    others = [entry for entry in managed_fields.entries(live) if not managed_fields.ours(entry)]
    return any(
        managed_fields.below(managed_fields.locate(live, path), [place])
        for path in managed_fields.owned_paths(others)
    )


def _put(body: Body, place: Place, value: object) -> None:
    parent = managed_fields.value_at(body, place[:-1])
    if isinstance(parent, dict) or (
        isinstance(parent, list) and managed_fields.value_at(body, place) is not None
    ):
        parent[place[-1]] = value  # type: ignore[index]


def claimed(entry: Body, live: Body, alone: Collection[Place]) -> set[Path]:
    """List the fields of an entry that may be taken over: not those left alone, and neither finalizers nor owners."""
    members = managed_fields.owned_paths([entry])
    kept = {
        path
        for path in members
        if path[:2] in _NEVER_TAKEN or managed_fields.below(managed_fields.locate(live, path), alone)
    }
    if not kept:
        return members
    # A mapping or an item that holds nothing but kept fields is kept with them.
    rest = members - kept
    apart = {path for path in rest if not any(each[: len(path)] == path for each in kept)}
    return {path for path in rest if any(each[: len(path)] == path for each in apart)}


def taken_over(
    live: Body, api_version: str, options: Options, left_alone: Iterable[str]
) -> list[Body] | None:
    """Return `managedFields` with the fields of people moved to this job, or None when there are none.

    Only entries of the applied version can be merged; see `moved` for those of other versions. An entry of this
    job in another version is not merged either: the next apply turns it into one of the applied version.
    """
    entries = managed_fields.entries(live)
    if any(managed_fields.ours(entry) and entry.get("apiVersion") != api_version for entry in entries):
        return None
    alone = [managed_fields.place_of(live, pointer) for pointer in left_alone]
    ours: set[Path] = set()
    rest, changed = [], False
    for entry in entries:
        if managed_fields.ours(entry):
            ours |= managed_fields.owned_paths([entry])
            continue
        taken = set()
        if managed_fields.taken(entry, options.co_owners) and entry.get("apiVersion") == api_version:
            taken = claimed(entry, live, alone)
        ours |= taken
        changed |= bool(taken)
        rest += _without_fields(entry, taken)
    return [*rest, _applied(api_version, ours)] if changed else None


def elsewhere(live: Body, api_version: str, options: Options) -> list[str]:
    """List the other versions of the API in which people hold fields."""
    return sorted(
        {
            str(entry.get("apiVersion"))
            for entry in managed_fields.entries(live)
            if managed_fields.taken(entry, options.co_owners) and entry.get("apiVersion") != api_version
        }
    )


def moved(seen: Body, options: Options, left_alone: Iterable[str]) -> list[Body] | None:
    """Return `managedFields` with the fields of people, in the version in which `seen` was read, as all of this job's.

    The next apply, in its own version, then removes what Git does not have: the server converts the fields of an
    applier to their version (structured-merge-diff, Updater.Apply). What this job owned before is owned again by
    that apply. None when there is nothing to take over.
    """
    version = seen["apiVersion"]
    alone = [managed_fields.place_of(seen, pointer) for pointer in left_alone]
    ours: set[Path] = set()
    rest: list[Body] = []
    for entry in managed_fields.entries(seen):
        if managed_fields.ours(entry):
            continue
        taken = set()
        if managed_fields.taken(entry, options.co_owners) and entry.get("apiVersion") == version:
            taken = claimed(entry, seen, alone)
        ours |= taken
        rest += _without_fields(entry, taken)
    return [*rest, _applied(version, ours)] if ours else None


def _without_fields(entry: Body, taken: set[Path]) -> list[Body]:
    """Return an entry without some of its fields; nothing when none remain."""
    if not taken:
        return [entry]
    kept = managed_fields.owned_paths([entry]) - taken
    return [entry | {"fieldsV1": managed_fields.nested(kept)}] if kept else []


def _applied(api_version: str, fields: set[Path]) -> Body:
    entry = {"manager": MANAGER, "operation": "Apply", "apiVersion": api_version, "fieldsType": "FieldsV1"}
    return entry | {"fieldsV1": managed_fields.nested(fields)}


def additions(live: Body, options: Options, left_alone: Iterable[str]) -> set[Path]:
    """List the fields owned by people in the version of `live`, which the next apply removes unless Git has them."""
    alone = [managed_fields.place_of(live, pointer) for pointer in left_alone]
    return {
        path
        for entry in managed_fields.entries(live)
        if managed_fields.taken(entry, options.co_owners) and entry.get("apiVersion") == live["apiVersion"]
        for path in claimed(entry, live, alone)
        if path[0] != "f:status"
    }


def kept_paths(body: Body, options: Options) -> set[Path]:
    """List the fields that this job owns, or somebody whose fields are left alone."""
    return managed_fields.owned_paths(
        entry
        for entry in managed_fields.entries(body)
        if managed_fields.ours(entry) or managed_fields.left(entry, options.co_owners)
    )


def content(body: Body) -> Body:
    """Return an object without its status and the metadata that the server maintains."""
    metadata = {name: value for name, value in body["metadata"].items() if name not in _OF_THE_SERVER}
    return {name: value for name, value in body.items() if name != "status"} | {"metadata": metadata}


def essence(live: Body, options: Options, left_alone: Iterable[str]) -> str:
    """Digest an object without the fields of others and those left alone.

    The digest stays the same as long as nobody has changed what the job manages.
    """
    entries = managed_fields.entries(live)
    theirs = [managed_fields.left(entry, options.co_owners) for entry in entries]
    members, kept = (
        [entry.get("fieldsV1") or {} for entry, left in zip(entries, theirs, strict=True) if left is wanted]
        for wanted in (True, False)
    )
    body = stripped(content(live), members, kept)
    alone = (managed_fields.place_of(body, pointer) for pointer in left_alone)
    places = [place for place in alone if managed_fields.value_at(body, place) is not None]
    return digest(managed_fields.cut(body, places) if places else body)


def foreign_fields(live: Body, options: Options) -> dict[str, list[str]]:
    """List the fields that managers nobody knows hold in an object, by manager; they are left alone."""
    found: dict[str, list[str]] = {}
    for entry in managed_fields.entries(live):
        name = str(entry.get("manager", ""))
        if name in options.co_owners or not managed_fields.strange(entry):
            continue
        paths = managed_fields.owned_paths([entry])
        shown = sorted({_shown(path) for path in paths if path[:2] not in _NEVER_TAKEN})
        if shown:
            found[name] = shown
    return found


def _shown(path: Path) -> str:
    """Write a path for people, to the depth that tells what it is about."""
    return ".".join(step.partition(":")[2] for step in path[:3])
