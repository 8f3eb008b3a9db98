"""Decides what to delete and in which order, and the guards that prevent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitops.cluster.inventory import Record
from gitops.engine.managed_fields import other_writer
from gitops.engine.order import rank
from gitops.objects import PRUNE, Body, Key, annotations_of, owner

_MANY = 10


@dataclass(frozen=True)
class Pruning:
    """What happens to objects that are no longer wanted."""

    delete: tuple[Key, ...] = ()  # in this order
    waiting: tuple[Key, ...] = ()  # their deletion has begun and they still exist
    kept: tuple[Key, ...] = ()  # by their annotation or the application's option
    gone: tuple[Key, ...] = ()  # deleted by others
    foreign: tuple[Key, ...] = ()  # recreated or taken over by others


def choose(
    records: Mapping[Key, Record], live: Mapping[Key, Body], application: str, *, prune: bool
) -> Pruning:
    """Decide for each stale record; only objects that are still ours by uid and label are deleted."""
    found: dict[str, list[Key]] = {"delete": [], "waiting": [], "kept": [], "gone": [], "foreign": []}
    for key, record in records.items():
        found[_fate(live.get(key), record, application, prune=prune)].append(key)
    backwards = sorted(found["delete"], key=lambda key: (rank(key, records[key].wave), key), reverse=True)
    sets = {name: tuple(sorted(keys)) for name, keys in found.items() if name != "delete"}
    return Pruning(delete=tuple(backwards), **sets)


def _fate(live: Body | None, record: Record, application: str, *, prune: bool) -> str:
    if live is None:
        return "gone"
    same = record.uid in {"", live["metadata"].get("uid")}
    if not same or owner(live) != application or other_writer(live):
        return "foreign"
    if live["metadata"].get("deletionTimestamp"):
        return "waiting"
    return "delete" if prune and annotations_of(live).get(PRUNE) != "disabled" else "kept"


def deletes_most(before: int, deletions: int) -> bool:
    """Tell whether so many objects would be deleted that somebody has to confirm: more than ten, and most of them."""
    return deletions > _MANY and deletions * 2 > before


def guard(before: int, wanted: int, deletions: int, *, allowed: bool) -> str:
    """Say why deletions must not happen, or nothing; `allowed`: the settings name this very content."""
    if allowed or not before:
        return ""
    if not wanted:
        return f"the source has no objects and had {before}"
    if deletes_most(before, deletions):
        return f"{deletions} of {before} objects would be deleted"
    return ""
