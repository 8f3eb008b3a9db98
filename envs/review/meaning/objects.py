"""What happens to single objects by a change, in words: deleted, replaced, restarted, resized."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from envs.review.causes.causes import Causes
from envs.review.changes import ObjectAction, ObjectChange, Preview, apps_that_go
from envs.review.meaning.immutable import is_immutable
from envs.review.meaning.origins import field_origins, fields_origins, object_origins
from envs.review.meaning.rollout import at_a_time
from envs.review.meaning.statement import Effect, Statement
from envs.review.naming import app_of
from kube.difference import ABSENT

_HOLDS_DATA = {
    "Namespace": "is deleted with everything in it, volumes included",
    "PersistentVolumeClaim": "is deleted with its data",
    "PersistentVolume": "is deleted; its data may go with it",
    "StatefulSet": "is deleted; its volumes stay",
    "CustomResourceDefinition": "is deleted with all objects of its kind",
}
_TOLD_OTHERWISE = frozenset({"NetworkPolicy", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"})
"""What goes with them is told as connections and permissions."""
_COUNTS = {
    ("Deployment", "spec.replicas"): "pods",
    ("StatefulSet", "spec.replicas"): "pods",
    ("HorizontalPodAutoscaler", "spec.minReplicas"): "pods at least",
    ("HorizontalPodAutoscaler", "spec.maxReplicas"): "pods at most",
}
_RESOURCES = re.compile(
    r".*\.(?:initC|c)ontainers\[(?P<container>[^]]+)\]\.resources\.(?P<side>requests|limits)[.\[](?P<what>[^]]+)\]?"
)
_SIZES = re.compile(r".*(?:resources\.requests\.storage|sizeLimit)")
_QUOTA = re.compile(r"spec\.hard[.\[](?P<what>[^]]+)\]?")


def object_changes(preview: Preview, causes: Causes) -> Iterator[Statement]:
    """Tell what happens to objects; an app that goes as a whole is told once."""
    gone = apps_that_go(preview)
    for app, count in gone.items():
        text = f"is deleted with all of its {count:,} objects"
        origins = causes.of(("apps", app), (app,)) or causes.of_code()
        yield Statement(Effect.DELETES, f"app {app}", text, preview.name, origins)
    for change in preview.changes:
        if change.action is ObjectAction.DELETE:
            if change.app not in gone and change.object.partition("/")[0] not in _TOLD_OTHERWISE:
                yield _deletion(preview, causes, change)
        elif change.action is ObjectAction.RENAME and change.object.partition("/")[0] not in _TOLD_OTHERWISE:
            former = place_in(preview, change.former)
            text = f"is created in place of {former}, which is deleted"
            origins = object_origins(preview, causes, change)
            yield Statement(Effect.REPLACES, _named(preview, change.object), text, preview.name, origins)
        elif change.action is ObjectAction.UPDATE:
            yield from _update(preview, causes, change)


def _deletion(preview: Preview, causes: Causes, change: ObjectChange) -> Statement:
    kind = change.object.partition("/")[0]
    text = _HOLDS_DATA.get(kind, "is deleted")
    origins = object_origins(preview, causes, change)
    return Statement(Effect.DELETES, _named(preview, change.object), text, preview.name, origins)


def _update(preview: Preview, causes: Causes, change: ObjectChange) -> Iterator[Statement]:
    kind = change.object.partition("/")[0]
    place = place_in(preview, change.object)
    fixed = [field for field in change.fields if is_immutable(kind, field.change.path)]
    if fixed:
        text = f"must be deleted and created anew, since {fixed[0].change.path} cannot be changed"
        subject = _named(preview, change.object)
        origins = fields_origins(preview, causes, change, fixed)
        yield Statement(Effect.REPLACES, subject, text, preview.name, origins)
    if change.restarts:
        way = at_a_time(preview.now[change.file], change.restarts)
        template = [each for each in change.fields if each.change.path.startswith("spec.template.")]
        origins = fields_origins(preview, causes, change, template)
        yield Statement(Effect.RESTARTS, place, way, preview.name, origins, change.restarts)
    for field in change.fields:
        if words := _size(kind, field.change.path):
            text = f"{words} {_value(field.change.old)} -> {_value(field.change.new)}"
            origins = field_origins(preview, causes, change, field)
            yield Statement(Effect.RESIZES, place, text, preview.name, origins)


def _size(kind: str, path: str) -> str:
    """Say what of a size a field is; empty for any other field."""
    if words := _COUNTS.get((kind, path)):
        return words
    if found := _RESOURCES.fullmatch(path):
        side = "request" if found["side"] == "requests" else "limit"
        return f"{found['what']} {side} of {found['container']}"
    if kind == "ResourceQuota" and (found := _QUOTA.fullmatch(path)):
        return f"{found['what']}"
    return "volume" if _SIZES.fullmatch(path) else ""


def _named(preview: Preview, identity: str) -> str:
    return f"{identity.partition('/')[0]} {place_in(preview, identity)}"


def place_in(preview: Preview, identity: str) -> str:
    """Name an object by its app instead of its namespace."""
    _, *space, name = identity.split("/")
    return "/".join([*(app_of(each, preview.name) for each in space), name])


def _value(value: Any) -> str:
    return "none" if value is ABSENT else str(value)
