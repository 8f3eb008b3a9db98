"""Set operations on `metadata.managedFields`: who owns which field.

The notation of a path (`f:name`, `k:{…}`, `v:…`, `i:…`) is that of FieldsV1, see the Kubernetes documentation
on server-side apply and sigs.k8s.io/structured-merge-diff.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from gitops.engine.field_trees import step_in, stripped
from gitops.engine.managers import OTHER_WRITERS, of_a_pretender, of_kubernetes, of_people, unknown
from gitops.objects import MANAGER, Body

Path = tuple[str, ...]
Place = tuple[str | int, ...]  # a path in one object: names and list positions


def entries(body: Body) -> list[Body]:
    """Return the entries of `managedFields`; empty if there are none."""
    return body.get("metadata", {}).get("managedFields") or []


def other_writer(body: Body) -> str:
    """Return the deployment tool, other than this job, that manages an object; else empty."""
    names = (str(entry.get("manager", "")) for entry in entries(body))
    return next((name for name in names if name.startswith(OTHER_WRITERS)), "")


def respected(entry: Body, co_owners: Collection[str]) -> bool:
    """Tell whether an entry keeps its fields, even those in Git: Kubernetes' controllers and declared co-owners."""
    return entry.get("manager") in co_owners or of_kubernetes(entry)


def ours(entry: Body) -> bool:
    """Tell whether an entry was applied by this job."""
    return entry.get("manager") == MANAGER and entry.get("operation") == "Apply"


def taken(entry: Body, co_owners: Collection[str]) -> bool:
    """Tell whether the fields of an entry are taken over: those of people, and those under a false name."""
    name = str(entry.get("manager", ""))
    theirs = of_people(name) or name == MANAGER or of_a_pretender(entry)
    main = entry.get("subresource", "") in {"", "scale"}
    return theirs and main and not ours(entry) and name not in co_owners


def left(entry: Body, co_owners: Collection[str]) -> bool:
    """Tell whether the fields of an entry stay where Git does not set them: all that is neither ours nor people's."""
    return not ours(entry) and not taken(entry, co_owners)


def strange(entry: Body) -> bool:
    """Tell whether nobody knows who has written an entry of a whole object."""
    return not entry.get("subresource") and not ours(entry) and unknown(str(entry.get("manager", "")))


def paths(fields: Body, start: Path = ()) -> Iterator[Path]:
    """List the members of a FieldsV1 set."""
    for step, below in fields.items():
        if step == ".":
            yield start
        elif below:
            yield from paths(below, (*start, step))
        else:
            yield (*start, step)


def nested(members: Iterable[Path]) -> Body:
    """Write a set of paths as FieldsV1."""
    members = set(members)
    inner = {path[:length] for path in members for length in range(1, len(path))}
    fields: Body = {}
    for path in sorted(members):
        node = fields
        for step in path:
            node = node.setdefault(step, {})
        if path in inner:
            node["."] = {}
    return fields


def owned_paths(chosen: Iterable[Body]) -> set[Path]:
    """Return the union of the fields of some entries."""
    return {path for entry in chosen for path in paths(entry.get("fieldsV1") or {})}


def locate(body: Body, path: Path) -> Place | None:
    """Find the place of a path in an object; None if there is no such field."""
    place: list[str | int] = []
    value: Any = body
    for step in path:
        found = step_in(value, step)
        if found is None:
            return None
        place.append(found)
        value = value[found]
    return tuple(place)


def without(body: Body, members: Iterable[Path], kept: Iterable[Path]) -> Body:
    """Return an object without some fields; those that contain a kept field stay, and what stays is shared."""
    result: Body = stripped(body, [nested(members)], [nested(kept)])
    return result


def removed(body: Body, places: Iterable[Place]) -> Body:
    """Return a copy without the values at some places."""
    result = copy.deepcopy(body)
    for place in sorted(places, reverse=True):  # the later of two list items first
        _remove(result, place)
    return result


def cut(body: Body, places: Iterable[Place]) -> Body:
    """Return a copy without the values at some places, and without the mappings that held nothing else."""
    result = copy.deepcopy(body)
    for place in sorted(places, reverse=True):
        if value_at(result, place) is None:
            continue
        _remove(result, place)
        for length in range(len(place) - 1, 0, -1):
            if value_at(result, place[:length]) != {}:
                break
            _remove(result, place[:length])
    return result


def _remove(body: Body, place: Place) -> None:
    parent = value_at(body, place[:-1])
    if isinstance(parent, (dict, list)) and _has(parent, place[-1]):
        del parent[place[-1]]  # type: ignore[arg-type]


def value_at(value: Any, place: Place) -> Any:
    """Walk to a place; None where it does not exist."""
    for step in place:
        if not isinstance(value, (dict, list)) or not _has(value, step):
            return None
        value = value[step]  # type: ignore[index]
    return value


def _has(parent: Any, step: str | int) -> bool:
    if isinstance(parent, list):
        return isinstance(step, int) and step < len(parent)
    return step in parent


def place_of(body: Body, pointer: str) -> Place:
    """Turn a JSON pointer (RFC 6901) into a place, with positions where the object holds a list."""
    place: list[str | int] = []
    value: Any = body
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        step = int(name) if isinstance(value, list) and name.isdigit() else name
        place.append(step)
        value = value_at(value, (step,))
    return tuple(place)


def below(place: Place | None, tops: Collection[Place]) -> bool:
    """Tell whether a place is one of some places or inside one."""
    return place is not None and any(place[: len(top)] == top for top in tops)
