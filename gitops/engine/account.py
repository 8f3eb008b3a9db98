"""Accounts for everything in some namespaces by reading only: foreign objects, and what could not be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gitops.cluster.api import Connection, Resource
from gitops.engine.foreign import Known, foreign
from gitops.engine.observe import Listed
from gitops.errors import ClusterError
from gitops.objects import Body
from gitops.report.account import Account
from kube.kinds import IN_NAMESPACES, plural

MOST = 2_000  # objects of a kind in a namespace
NEVER_READ = "Secret (never read)"
_FORBIDDEN = 403


@dataclass(frozen=True)
class Place:
    """A kind in a namespace."""

    kind: str  # with its group
    namespace: str
    resource: Resource


@dataclass
class Seen:
    """What was listed."""

    bodies: list[Body] = field(default_factory=list)
    read: set[tuple[str, str]] = field(default_factory=set)  # kinds and namespaces
    unseen: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scope:
    """Where foreign objects are looked for."""

    namespaces: tuple[str, ...]
    kinds: tuple[str, ...] = ()  # besides the built-in ones, with their groups


def account(cluster: Connection, scope: Scope, known: Known, listed: Listed | None = None) -> Account:
    """List all kinds in all namespaces, and find what nobody accounts for; raises ClusterError.

    What the rights do not cover is listed as unseen, and so are Secrets, which are never read. `listed` needs no
    further request.
    """
    listed = listed or {}
    places = list(_places(cluster, scope.namespaces, scope.kinds))
    seen = _list(cluster, [each for each in places if (each.kind, each.namespace) not in listed])
    seen.read |= listed.keys()
    seen.bodies += [body for bodies in listed.values() for body in bodies]
    found = foreign(seen.bodies, replace(known, read=frozenset(seen.read)))
    return Account(scope.namespaces, tuple(found), unseen=(*seen.unseen, NEVER_READ))


def _places(cluster: Connection, namespaces: Sequence[str], kinds: Iterable[str]) -> Iterator[Place]:
    """Find where the kinds are served; of a kind that is not served there are no objects."""
    resources = {
        kind: Resource(version, plural(kind.rpartition("/")[2]), namespaced=True)
        for kind, version in IN_NAMESPACES.items()
    }
    for kind in sorted(set(kinds) - resources.keys()):
        group, _, name = kind.rpartition("/")
        resource = cluster.served(group, name)
        if resource is not None and resource.namespaced:
            resources[kind] = resource
    for kind, resource in resources.items():
        yield from (Place(kind, namespace, resource) for namespace in namespaces)


def _list(cluster: Connection, places: Sequence[Place]) -> Seen:
    seen = Seen()
    hidden: dict[str, list[str]] = {}
    answers = cluster.each(lambda place: _metadata(cluster, place), places)
    for place, bodies in zip(places, answers, strict=True):
        if bodies is None:
            hidden.setdefault(place.kind, []).append(place.namespace)
            continue
        seen.read.add((place.kind, place.namespace))
        seen.bodies += bodies
        if len(bodies) == MOST:
            seen.unseen.append(f"{place.kind} in {place.namespace} after the first {MOST:,}")
    seen.unseen = [*_summed(hidden, len({place.namespace for place in places})), *seen.unseen]
    return seen


def _metadata(cluster: Connection, place: Place) -> list[Body] | None:
    """List the metadata of a kind in a namespace; None where the rights do not cover it."""
    try:
        return cluster.metadata(place.resource, place.kind.rpartition("/")[2], place.namespace, MOST)
    except ClusterError as error:
        if error.status != _FORBIDDEN:
            raise
        return None


def _summed(hidden: Mapping[str, Sequence[str]], most: int) -> Iterator[str]:
    for kind, namespaces in hidden.items():
        yield kind if len(namespaces) == most else f"{kind} in {', '.join(namespaces)}"
