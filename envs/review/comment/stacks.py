"""What Pulumi's engine said of its previews, as files in, the steps of each stack out.

Two forms: the one document of `pulumi preview --json`, and the event log, one event a line (apitype.EngineEvent).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envs.errors import CommandError, Exit

_NOTHING = frozenset({"same", "read", "refresh", "read-replacement", "read-discard"})
_RISKY = ("delete", "replace", "delete-replaced", "create-replacement", "discard-replaced")
_PARTS = 4  # urn:pulumi:<stack>::<project>::<types>::<name>


@dataclass(frozen=True, slots=True)
class Step:
    """One resource and what Pulumi would do with it."""

    stack: str
    operation: str
    resource: str

    @property
    def is_risky(self) -> bool:
        """Whether something is deleted, or deleted and created anew."""
        return self.operation in _RISKY


@dataclass(frozen=True, slots=True)
class StackReport:
    """All steps of one stack that change something."""

    stack: str
    steps: tuple[Step, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Number of steps by operation."""
        return Counter(step.operation for step in self.steps)


def read_events(data: bytes, file: str) -> list[StackReport]:
    """Read one file; raises CommandError where it has neither form."""
    steps: dict[str, list[Step]] = {}
    for operation, urn in _operations(data, file):
        step = _step(operation, urn)
        several = steps.setdefault(step.stack, [])
        if operation not in _NOTHING and step not in several:
            several.append(step)
    return [StackReport(stack, tuple(several)) for stack, several in steps.items()]


def _operations(data: bytes, file: str) -> Iterator[tuple[str, str]]:
    for document in _documents(data, file):
        if isinstance(document.get("steps"), list):
            yield from (_pair(step) for step in document["steps"] if isinstance(step, dict))
        event = document.get("resourcePreEvent")
        if isinstance(event, dict) and isinstance(event.get("metadata"), dict):
            yield _pair(event["metadata"])


def _documents(data: bytes, file: str) -> list[dict[str, Any]]:
    for texts in ([data], data.splitlines()):
        try:
            documents = [json.loads(text) for text in texts if text.strip()]
        except (ValueError, RecursionError):
            continue
        if all(isinstance(document, dict) for document in documents):
            return documents
    message = "is neither what `pulumi preview --json` prints nor an event log of Pulumi"
    raise CommandError(f"{file} {message}", Exit.BAD_INPUT)


def _pair(step: Mapping[str, Any]) -> tuple[str, str]:
    return str(step.get("op")), str(step.get("urn"))


def _step(operation: str, urn: str) -> Step:
    parts = urn.removeprefix("urn:pulumi:").split("::", _PARTS - 1)
    stack, types, name = parts[0], parts[-2] if len(parts) == _PARTS else "", parts[-1]
    return Step(stack, operation, f"{types.rpartition('$')[2]} {name}".strip())
