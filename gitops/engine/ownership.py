"""Decides which fields of a live object are ours: fields taken over, fields left alone, and the essence."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable

from gitops.engine import managed_fields
from gitops.engine.managed_fields import Path, Place
from gitops.globs import matches
from gitops.objects import MANAGER, Body, Key, digest
from gitops.settings import Options

_OF_THE_SERVER = {"managedFields", "resourceVersion", "generation", "creationTimestamp", "selfLink"}
REPLICAS = "/spec/replicas"


def pointers(key: Key, live: Body | None, options: Options, autoscaled: Collection[Key]) -> tuple[str, ...]:
    """List the fields that keep their live values: ignored ones and autoscaled replicas."""
    ignored = [
        pointer
        for rule in options.ignore
        if matches(rule.kind, key.kind) or matches(rule.kind, key.qualified_kind)
        if matches(rule.name, key.name)
        for pointer in rule.pointers
    ]
    if key in autoscaled or (live is not None and _scaled_by_controller(live)):
        ignored.append(REPLICAS)
    return tuple(dict.fromkeys(ignored))


def _scaled_by_controller(live: Body) -> bool:
    """Tell whether an autoscaler has set the replicas, which it does through the scale subresource."""
    return any(
        entry.get("subresource") == "scale" and entry.get("manager") in managed_fields.CONTROLLERS
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
    others = [entry for entry in managed_fields.entries(live) if entry.get("manager") != MANAGER]
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


def taken_over(
    live: Body, api_version: str, options: Options, left_alone: Iterable[str]
) -> list[Body] | None:
    """Return `managedFields` with the fields of people moved to this job, or None when there are none.

    Only entries of the applied version can be merged; values of others are still overwritten.
    """
    alone = [managed_fields.place_of(live, pointer) for pointer in left_alone]
    ours: set[Path] = set()
    rest, changed = [], False
    for entry in managed_fields.entries(live):
        mine = entry.get("manager") == MANAGER and entry.get("operation") == "Apply"
        if mine or (
            managed_fields.taken(entry, options.co_owners) and entry.get("apiVersion") == api_version
        ):
            members = managed_fields.owned_paths([entry])
            kept = (
                set()
                if mine
                else {
                    path for path in members if managed_fields.below(managed_fields.locate(live, path), alone)
                }
            )
            ours |= members - kept
            changed |= not mine and members != kept
            if kept:
                rest.append(entry | {"fieldsV1": managed_fields.nested(kept)})
        else:
            rest.append(entry)
    if not changed:
        return None
    united = {"manager": MANAGER, "operation": "Apply", "apiVersion": api_version, "fieldsType": "FieldsV1"}
    return [*rest, united | {"fieldsV1": managed_fields.nested(ours)}]


def additions(live: Body, options: Options, left_alone: Iterable[str]) -> set[Path]:
    """List the fields owned by people, which the next apply removes unless they are in Git."""
    alone = [managed_fields.place_of(live, pointer) for pointer in left_alone]
    others = [
        entry for entry in managed_fields.entries(live) if managed_fields.taken(entry, options.co_owners)
    ]
    return {
        path
        for path in managed_fields.owned_paths(others)
        if path[0] != "f:status" and not managed_fields.below(managed_fields.locate(live, path), alone)
    }


def kept_paths(body: Body, options: Options) -> set[Path]:
    """List the fields that this job or respected managers own."""
    return managed_fields.owned_paths(
        entry
        for entry in managed_fields.entries(body)
        if entry.get("manager") == MANAGER or managed_fields.respected(entry, options.co_owners)
    )


def content(body: Body) -> Body:
    """Return an object without its status and the metadata that the server maintains."""
    metadata = {name: value for name, value in body["metadata"].items() if name not in _OF_THE_SERVER}
    return {name: value for name, value in body.items() if name != "status"} | {"metadata": metadata}


def essence(live: Body, options: Options, left_alone: Iterable[str]) -> str:
    """Digest an object without the fields of respected managers and those left alone.

    The digest stays the same as long as nobody has changed what the job manages.
    """
    body = content(live)
    theirs = [
        entry for entry in managed_fields.entries(live) if managed_fields.respected(entry, options.co_owners)
    ]
    if theirs:
        others = [entry for entry in managed_fields.entries(live) if entry not in theirs]
        body = managed_fields.without(
            body, managed_fields.owned_paths(theirs), managed_fields.owned_paths(others)
        )
    places = [managed_fields.place_of(body, pointer) for pointer in left_alone]
    return digest(managed_fields.removed(body, places) if places else body)
