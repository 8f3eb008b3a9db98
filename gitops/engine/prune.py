"""Decides what to delete and in which order, and the guards that prevent it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields

from gitops.cluster.inventory import Record
from gitops.engine.managed_fields import other_writer
from gitops.engine.order import removal
from gitops.objects import PRUNE, Body, Key, annotations_of, owner

_MANY = 10
_WITH_DATA = {"CustomResourceDefinition", "PersistentVolumeClaim"}  # all custom resources of a kind; a volume


@dataclass(frozen=True)
class Pruning:
    """What happens to objects that are no longer wanted."""

    delete: tuple[Key, ...] = ()  # in this order
    waiting: tuple[Key, ...] = ()  # their deletion has begun and they still exist
    kept: tuple[Key, ...] = ()  # by their annotation or the application's option
    guarded: tuple[Key, ...] = ()  # data would go with them, and they do not say that they may be deleted
    held: tuple[Key, ...] = ()  # another application wants them, or may want them
    hidden: tuple[Key, ...] = ()  # the rights to read them have ended
    gone: tuple[Key, ...] = ()  # deleted by others
    foreign: tuple[Key, ...] = ()  # recreated or taken over by others


@dataclass(frozen=True)
class Caution:
    """What keeps objects from being deleted, besides themselves."""

    prune: bool  # the application's option
    held: Callable[[Key], str] = lambda _: ""  # why another application needs it
    hidden: Collection[Key] = frozenset()
    everything: bool = False  # somebody asked for it by name: what holds data goes as well


def choose(
    records: Mapping[Key, Record], live: Mapping[Key, Body], application: str, caution: Caution
) -> Pruning:
    """Decide for each stale record; only objects that are still ours by uid and label are deleted."""
    found: dict[str, list[Key]] = {each.name: [] for each in fields(Pruning)}
    for key, record in records.items():
        fate = "hidden" if key in caution.hidden else _fate(key, live.get(key), record, application, caution)
        found[fate].append(key)
    backwards = sorted(found["delete"], key=lambda key: (removal(key, records[key].wave), key), reverse=True)
    sets = {name: tuple(sorted(keys)) for name, keys in found.items() if name != "delete"}
    return Pruning(delete=tuple(backwards), **sets)


def _fate(key: Key, live: Body | None, record: Record, application: str, caution: Caution) -> str:
    if live is None:
        return "gone"
    same = record.uid in {"", live["metadata"].get("uid")}
    if not same or owner(live) != application or other_writer(live):
        return "foreign"
    if live["metadata"].get("deletionTimestamp"):
        return "waiting"
    said = annotations_of(live).get(PRUNE)
    if not caution.prune or said == "disabled":
        return "kept"
    if caution.held(key):
        return "held"
    return "guarded" if key.kind in _WITH_DATA and not caution.everything and said != "enabled" else "delete"


def deletes_most(before: int, deletions: int) -> bool:
    """Tell whether so many objects would be deleted that somebody has to confirm: more than ten, and most of them."""
    return deletions > _MANY and deletions * 2 > before


def guard(before: int, wanted: int, deletions: int, *, allowed: bool) -> str:
    """Say why deletions must not happen, or nothing; `allowed`: the settings name this very content."""
    if allowed or not before:
        return ""
    if not wanted and deletions:
        return f"the source has no objects and had {before}"
    if deletes_most(before, deletions):
        return f"{deletions} of {before} objects would be deleted"
    return ""
