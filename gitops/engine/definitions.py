"""Waits a bounded time for new definitions, so that they, their objects and what needs both arrive in one run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from gitops.cluster.api import Connection, Resource
from gitops.cluster.health import Health, assess
from gitops.engine.work import Progress, Work
from gitops.errors import ClusterError
from gitops.objects import DesiredObject, Key, mapping

DEFINITION = "CustomResourceDefinition"
SECONDS = 15.0  # a definition is served in one; with several API servers, after five (k8s.io/apiextensions-apiserver)
_TICK = 0.25


def defined(manifests: Iterable[DesiredObject]) -> dict[tuple[str, str], Resource]:
    """Tell where objects will be served by the definitions among some manifests, by apiVersion and kind."""
    return dict(found for manifest in manifests for found in _defined(manifest))


def _defined(manifest: DesiredObject) -> Iterator[tuple[tuple[str, str], Resource]]:
    if manifest.key.kind != DEFINITION:
        return
    spec = mapping(manifest.body.get("spec"))
    names, versions = mapping(spec.get("names")), spec.get("versions")
    for version in versions if isinstance(versions, list) else ():
        where = f"{spec.get('group')}/{mapping(version).get('name')}"
        resource = Resource(where, str(names.get("plural")), spec.get("scope") == "Namespaced")
        yield (where, str(names.get("kind"))), resource


def settle(work: Work, keys: Iterable[Key], progress: Progress) -> None:
    """Wait until the definitions among some written objects are established, and their objects are served."""
    definitions = [key for key in keys if key.kind == DEFINITION]
    for _ in range(int(SECONDS / _TICK) if definitions else 0):
        for key in definitions:
            _look_again(work, key, progress)
        moving = any(assess(progress.bodies.get(key)).health is Health.PROGRESSING for key in definitions)
        if not moving and not unserved(work.cluster, work.awaited):
            return
        try:
            work.cluster.begin()
        except ClusterError:
            return  # this run may not go on
        work.cluster.wait(_TICK)


def _look_again(work: Work, key: Key, progress: Progress) -> None:
    if assess(progress.bodies.get(key)).health is Health.PROGRESSING:
        with suppress(ClusterError):
            progress.bodies[key] = work.cluster.get(work.resources[key], key.namespace, key.name)


def unserved(cluster: Connection, awaited: Mapping[Key, Resource]) -> frozenset[Key]:
    """Return the objects whose kind is not served yet, though a definition of it is wanted."""
    collections = {(place, key.kind, key.namespace) for key, place in awaited.items()}
    missing = {found for found in collections if not _is_served(cluster, *found)}
    return frozenset(key for key, place in awaited.items() if (place, key.kind, key.namespace) in missing)


def _is_served(cluster: Connection, place: Resource, kind: str, namespace: str) -> bool:
    """Ask discovery, and then the kind itself: they learn of a definition one after the other."""
    try:
        if cluster.resource(place.api_version, kind) is None:
            del cluster.kinds[place.api_version]
            return False
        cluster.objects(place, kind, namespace)
    except ClusterError:
        return False
    return True
