"""Connections that a change makes possible or impossible."""

from __future__ import annotations

from collections.abc import Iterator

from envs.review.changes import ObjectAction, ObjectChange, Preview
from envs.review.connections import ANYBODY, connections
from envs.review.meaning.statement import Effect, Statement
from envs.review.outsiders import is_address
from policies.network.port_set import NO_PORT, PortSet

_DECIDING = frozenset({"NetworkPolicy", "Namespace"})
_FIELDS = ("labels", "ports", "hostNetwork", "template.metadata")


def connection_changes(preview: Preview) -> Iterator[Statement]:
    """Compare who may talk to whom; an environment whose policies and pods stay costs nothing."""
    if not any(map(_may_matter, preview.changes)):
        return
    before = connections(preview.before.values(), preview.name)
    now = connections(preview.now.values(), preview.name)
    for key in sorted({*before, *now}):
        was, becomes = before.get(key, NO_PORT), now.get(key, NO_PORT)
        effect = (
            Effect.EXPOSES
            if any(end == ANYBODY or is_address(end) for end in (key.source, key.target))
            else Effect.CONNECTS
        )
        yield from _change(preview.name, effect, f"{key.source} → {key.target}", was, becomes)


def _change(
    environment: str, effect: Effect, who: str, was: PortSet, becomes: PortSet
) -> Iterator[Statement]:
    if opened := becomes - was:
        yield Statement(effect, who, f"is possible on {opened}", environment)
    if closed := was - becomes:
        yield Statement(Effect.DISCONNECTS, who, f"is no longer possible on {closed}", environment)


def _may_matter(change: ObjectChange) -> bool:
    kind = change.object.partition("/")[0]
    if kind in _DECIDING or change.action is not ObjectAction.UPDATE:
        return True
    return any(word in field.change.path for field in change.fields for word in _FIELDS)
