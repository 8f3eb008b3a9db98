"""Reads the state of a stack: which objects Pulumi knows, and which operations a killed run left pending."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envs.errors import CommandError, Exit
from gitops.objects import Key, key_of

_PREFIX = "kubernetes:"


@dataclass(frozen=True, slots=True)
class State:
    """What a stack holds, as `pulumi stack export` writes it."""

    objects: frozenset[Key]
    """Kubernetes objects that Pulumi has written and remembers."""
    pending: frozenset[Key]
    """Objects whose creation, update or deletion was under way when a run was killed."""


def parse_state(text: str) -> State:
    """Read an exported state; raises CommandError for an invalid one."""
    try:
        deployment = json.loads(text).get("deployment") or {}
        resources = deployment.get("resources") or []
        operations = deployment.get("pending_operations") or []
        return State(
            objects=frozenset(_keys(resources)),
            pending=frozenset(_keys(operation.get("resource") or {} for operation in operations)),
        )
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise CommandError(
            f"the state of the stack cannot be read: {error}; look at it with `pulumi stack export`",
            Exit.OUTSIDE_FAILED,
        ) from error


def without_pending(text: str) -> str:
    """Write an exported state again, without its pending operations."""
    exported = json.loads(text)
    exported["deployment"]["pending_operations"] = []
    return json.dumps(exported)


def _keys(resources: Iterator[Mapping[str, Any]] | list[Mapping[str, Any]]) -> Iterator[Key]:
    for resource in resources:
        inputs = resource.get("inputs") or {}
        if str(resource.get("type", "")).startswith(_PREFIX) and "kind" in inputs:
            yield key_of(inputs)
