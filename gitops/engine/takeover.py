"""Takes over the fields of people, so that an apply removes those that Git does not have, and checks that it did.

A field is owned in the version of the API in which it was written, so each of these versions takes an apply.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitops.cluster.api import Connection, Resource
from gitops.engine import managed_fields, ownership
from gitops.errors import ClusterError
from gitops.objects import Body
from gitops.report.masking import Difference, differences
from gitops.settings import Options

_CONFLICT, _INVALID = 409, 422
_ATTEMPTS = 8  # during a rollout a controller writes the status several times per second


def take_over(
    cluster: Connection, resource: Resource, live: Body | None, options: Options, alone: Iterable[str]
) -> None:
    """Make fields of people, in the version that is applied, fields of this job; raises ClusterError."""
    alone = tuple(alone)
    for attempt in range(1, _ATTEMPTS + 1):
        managed = live and ownership.taken_over(live, resource.api_version, options, alone)
        if not live or not managed or _own(cluster, resource, live, managed, attempt):
            return
        live = _read(cluster, resource, live)


def take_over_rest(
    cluster: Connection, resource: Resource, live: Body, options: Options, alone: Iterable[str]
) -> bool:
    """Make fields that people still hold after an apply this job's; tell whether another apply is due.

    They hold them in another version, or the server has only now recorded who wrote them. Raises ClusterError.
    """
    alone = tuple(alone)
    if ownership.taken_over(live, resource.api_version, options, alone):
        take_over(cluster, resource, live, options, alone)
        return True
    for other in _others(cluster, resource, live, options):
        for attempt in range(1, _ATTEMPTS + 1):
            seen = _read(cluster, other, live)
            managed = seen and ownership.moved(seen, options, alone)
            if not seen or not managed:
                break
            if _own(cluster, other, seen, managed, attempt):
                return True
    return False


def additions_elsewhere(
    cluster: Connection, resource: Resource, live: Body, options: Options, alone: Iterable[str]
) -> list[Difference]:
    """List what taking over the fields that people hold in other versions would remove, as those versions say it.

    `live` is the object as the apply in the job's own version would leave it. Raises ClusterError.
    """
    kept = ownership.kept_paths(live, options)
    found: list[Difference] = []
    for other in _others(cluster, resource, live, options):
        seen = _read(cluster, other, live)
        if seen is not None:
            theirs = managed_fields.entries(live)
            body = seen | {"metadata": seen["metadata"] | {"managedFields": theirs}}
            added = ownership.additions(body, options, alone) - kept
            before = ownership.content(seen)
            found += differences(before, managed_fields.without(before, added, kept))
    return found


def unrepaired(
    expected: Body, after: Body, found: Iterable[Difference], options: Options, alone: Iterable[str]
) -> list[str]:
    """List the fields that a write should have changed, and that the server still holds otherwise.

    `expected` is what the dry run promised, `found` what it was to change, `after` the answer to the write.
    """
    remaining = differences(ownership.content(after), ownership.content(expected))
    meant = set(found)
    version = expected["apiVersion"]
    wrong = [difference.path for difference in remaining if difference in meant]
    people = ownership.additions(after, options, alone) - ownership.kept_paths(after, options)
    wrong += [".".join(step.partition(":")[2] for step in path) for path in sorted(people)]
    return wrong + [f"fields written as {other}" for other in _held(after, version, options, tuple(alone))]


def _held(after: Body, version: str, options: Options, alone: tuple[str, ...]) -> list[str]:
    """List the other versions in which people still hold fields that are not left alone."""
    return [
        other
        for other in ownership.elsewhere(after, version, options)
        if ownership.additions(after | {"apiVersion": other}, options, alone)
    ]


def _others(cluster: Connection, resource: Resource, live: Body, options: Options) -> list[Resource]:
    """Find the other served versions in which people hold fields; the server drops the fields of all others."""
    versions = ownership.elsewhere(live, resource.api_version, options)
    found = (cluster.resource(version, live["kind"]) for version in versions)
    return [other for other in found if other is not None]


def _read(cluster: Connection, resource: Resource, live: Body) -> Body | None:
    return cluster.get(resource, live["metadata"].get("namespace", ""), live["metadata"]["name"])


def _own(cluster: Connection, resource: Resource, live: Body, managed: list[Body], attempt: int) -> bool:
    """Write who owns which field; False when somebody has changed the object since it was read."""
    try:
        cluster.own(resource, live, managed)
    except ClusterError as error:
        if error.status not in {_CONFLICT, _INVALID} or attempt == _ATTEMPTS:
            raise
        return False
    return True
