"""Reads the state of a stack: which objects Pulumi knows, and which operations a killed run left pending."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from components.stack.removal import name_of
from envs.errors import CommandError, Exit
from gitops.objects import Key, key_of
from kube.labels import NAME

_PREFIX = "kubernetes:"


@dataclass(frozen=True, slots=True)
class StackState:
    """What a stack holds, as `pulumi stack export` writes it."""

    objects: frozenset[Key]
    """Kubernetes objects that Pulumi has written and remembers."""
    pending: frozenset[Key]
    """Objects whose creation, update or deletion was under way when a run was killed."""


@dataclass(frozen=True, slots=True)
class Protected:
    """A resource that Pulumi refuses to delete."""

    urn: str
    app: str
    """The app that it belongs to, as the stack groups its resources; empty for what belongs to none."""
    workload: str
    """The workload that its object is labelled with; empty for the rest of an app."""


def parse_state(text: str) -> StackState:
    """Read an exported state; raises CommandError for a text that is none."""
    with _readable():
        deployment = json.loads(text).get("deployment") or {}
        operations = deployment.get("pending_operations") or []
        return StackState(
            objects=frozenset(_keys(deployment.get("resources") or [])),
            pending=frozenset(_keys(operation.get("resource") or {} for operation in operations)),
        )


def parse_protected(text: str) -> list[Protected]:
    """List what is protected in an exported state; raises CommandError for a text that is none."""
    with _readable():
        resources = (json.loads(text).get("deployment") or {}).get("resources") or []
        return [
            Protected(str(each["urn"]), name_of(str(each.get("parent", ""))), _workload(each))
            for each in resources
            if each.get("protect")
        ]


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise CommandError(
            f"the state of the stack cannot be read: {error}; look at it with `pulumi stack export`",
            Exit.OUTSIDE_FAILED,
        ) from error


def _workload(resource: Mapping[str, Any]) -> str:
    metadata = (resource.get("inputs") or {}).get("metadata") or {}
    return str((metadata.get("labels") or {}).get(NAME, ""))


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
