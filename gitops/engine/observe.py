"""Compares wanted objects with a cluster by reading only: drift, health and images."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitops.cluster import health
from gitops.cluster.api import Connection, Resource
from gitops.cluster.health import Health
from gitops.engine import authorship, managed_fields, ownership, placement
from gitops.engine.plan import autoscaled
from gitops.objects import Body, Key, unplaced
from gitops.report.account import Drift
from gitops.report.masking import Difference, differences
from gitops.report.outcome import Sync
from gitops.settings import Options
from kube.difference import paired, same
from kube.quantity import number

Listed = Mapping[tuple[str, str], Sequence[Body]]
"""All objects by kind, with its group, and namespace."""

_EMPTY: tuple[Any, ...] = ({}, [], "", None)  # fields that the API server does not return
# Merge keys of the lists that webhooks add items to; lists with another key are replaced as a whole, so an item
# that is not wanted is drift.
_EXTENDED = {"name", "mountPath", "containerPort", "topologyKey"}
_QUANTITIES = {
    "requests",
    "limits",
    "hard",
    "default",
    "defaultRequest",
    "max",
    "min",
    "sizeLimit",
    "averageValue",
}


@dataclass(frozen=True)
class Observation:
    """What was seen of some objects; `hidden` are those without read permission.

    `listed` are all objects by kinds and namespaces that were listed for them.
    """

    live: Mapping[Key, Body]
    missing: tuple[Key, ...]
    hidden: tuple[Key, ...]
    drift: Mapping[Key, Sequence[Difference]]
    listed: Listed = field(default_factory=dict)

    def only(self, keys: Iterable[Key]) -> Observation:
        """Return the observation of only these objects."""
        kept = set(keys)
        return Observation(
            {key: body for key, body in self.live.items() if key in kept},
            tuple(key for key in self.missing if key in kept),
            tuple(key for key in self.hidden if key in kept),
            {key: found for key, found in self.drift.items() if key in kept},
        )

    @property
    def sync(self) -> Sync:
        """Tell whether the cluster is as wanted; Unknown if something cannot be read."""
        if self.drift or self.missing:
            return Sync.OUT_OF_SYNC
        return Sync.UNKNOWN if self.hidden else Sync.IN_SYNC

    @property
    def drifted(self) -> tuple[Drift, ...]:
        """List what differs or does not exist, in the order of the objects."""
        differing = (Drift(key, tuple(found)) for key, found in self.drift.items())
        return tuple(sorted([*map(Drift, self.missing), *differing], key=lambda each: each.key))

    @property
    def unseen(self) -> tuple[str, ...]:
        """List the kinds without read permission."""
        return tuple(sorted({key.qualified_kind for key in self.hidden}))

    @property
    def health(self) -> Health:
        """Return the worst health of what can be read."""
        found = [health.assess(body) for body in self.live.values()]
        return health.worst([*found, *(health.assess(None) for _ in self.missing)])


def observe(cluster: Connection, bodies: Iterable[Body]) -> Observation:
    """Read the live objects of wanted ones, a LIST per kind and namespace; raises ClusterError."""
    wanted = [unplaced(body) for body in bodies]
    placed = placement.place(cluster, wanted, "default")
    read, hidden = placement.visible_objects(cluster, placed.resources)
    live = {key: read[key] for key in placed.resources if key in read}
    scaled = autoscaled(each.body for each in placed.manifests)
    drift = {
        each.key: found
        for each in placed.manifests
        if each.key in live and (found := _drift(each.key, each.body, live[each.key], scaled))
    }
    seen = {*live, *hidden}
    missing = tuple(each.key for each in wanted if each.key not in seen)
    return Observation(live, missing, tuple(sorted(hidden)), drift, _listed(read, placed.resources, hidden))


def _listed(read: Mapping[Key, Body], places: Mapping[Key, Resource], hidden: Collection[Key]) -> Listed:
    listed: dict[tuple[str, str], list[Body]] = {
        (key.qualified_kind, key.namespace): []
        for key, place in places.items()
        if place.namespaced and key not in hidden
    }
    for key, body in read.items():
        if (key.qualified_kind, key.namespace) in listed:
            listed[key.qualified_kind, key.namespace].append(body)
    return listed


def _drift(key: Key, wanted: Body, live: Body, scaled: set[Key]) -> list[Difference]:
    return drift(wanted, live, ownership.pointers(key, live, Options(), scaled))


def drift(wanted: Body, live: Body, left_alone: Iterable[str] = ()) -> list[Difference]:
    """List the fields that differ from the wanted ones, and those that people have added, with who and when.

    What the API server and its webhooks have filled in is not drift. Reading alone cannot tell a default from
    a field that somebody has removed where the wanted object does not name it.
    """
    expected = ownership.content(_laid_over(ownership.content(live), wanted))
    alone = [managed_fields.place_of(live, pointer) for pointer in left_alone]
    people, others = _owners(live)
    kept = managed_fields.owned_paths(others)
    added = {
        path
        for entry in people
        for path in ownership.claimed(entry, live, alone) - kept
        if managed_fields.locate(wanted, path) is None and path[0] != "f:status"
    }
    expected = managed_fields.without(expected, added, kept)
    pairs = (managed_fields.cut(body, alone) for body in (ownership.content(live), expected))
    return authorship.signed(live, differences(*pairs), removed=True)


def _owners(live: Body) -> tuple[list[Body], list[Body]]:
    """Tell additions that somebody should know of from what this job, deployment tools and controllers write.

    Fields of a manager that nobody knows are not taken over, and are worth a look all the same.
    """
    seen: list[Body] = []
    others: list[Body] = []
    for entry in managed_fields.entries(live):
        (seen if managed_fields.taken(entry, ()) or managed_fields.strange(entry) else others).append(entry)
    return seen, others


def _laid_over(live: Any, wanted: Any, *, quantity: bool = False) -> Any:
    """Overlay the wanted value on the live one, in the live notation where both mean the same."""
    if isinstance(live, dict) and isinstance(wanted, dict):
        given = {key: value for key, value in wanted.items() if key in live or value not in _EMPTY}
        return live | {
            key: _laid_over(live.get(key), value, quantity=quantity or key in _QUANTITIES)
            for key, value in given.items()
        }
    if isinstance(live, list) and isinstance(wanted, list):
        return _list_laid_over(live, wanted)
    return live if same(live, wanted) or (quantity and _same_quantity(live, wanted)) else wanted


def _list_laid_over(live: list[Any], wanted: list[Any]) -> list[Any]:
    """Pair items by their merge key where all have one of their own, else by position."""
    pairs = paired(live, wanted)
    if pairs and (pairs.key in _EXTENDED or pairs.old.keys() <= pairs.new.keys()):
        there = [_laid_over(item, pairs.new.get(label, {})) for label, item in pairs.old.items()]
        return there + [item for label, item in pairs.new.items() if label not in pairs.old]
    if len(live) != len(wanted):
        return wanted
    return [_laid_over(one, other) for one, other in zip(live, wanted, strict=True)]


def _same_quantity(live: Any, wanted: Any) -> bool:
    """Compare quantities, which the API server normalises: 1000m becomes 1."""
    try:
        return number(str(live)) == number(str(wanted))
    except ValueError:
        return False
