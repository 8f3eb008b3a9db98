"""The fields in which two versions of an object differ, as JSON, with digests in place of secret values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gitops.secrecy import scrub, secret_fields, stand_in
from kube.difference import ABSENT, Place
from kube.difference import differences as plain_differences

_LONGEST = 200


@dataclass(frozen=True)
class Difference:
    """A field and its values, as JSON; an absent one is empty.

    `manager` and `time` are those of who has set the old value, where the job wants another one and has not changed
    its mind: `metadata.managedFields` of the object. Both are empty for a change that Git asks for.
    """

    path: str
    before: str
    after: str
    place: Place = field(default=(), compare=False, repr=False)  # in the old object, as far as it reaches
    manager: str = field(default="", compare=False)
    time: str = field(default="", compare=False)  # RFC 3339

    def __str__(self) -> str:
        writer = f" ({self.writer})" if self.writer else ""
        return f"{self.path}: {self.before or 'absent'} -> {self.after or 'absent'}{writer}"

    @property
    def writer(self) -> str:
        """Who has set the old value and when, as far as the object tells."""
        return ", ".join(filter(None, (self.manager, self.time)))

    def as_json(self) -> dict[str, str]:
        """Return plain values, without the writer where none is known."""
        values = {"path": self.path, "before": self.before, "after": self.after}
        known = {"manager": self.manager, "time": self.time}
        return values | {name: value for name, value in known.items() if value}


@dataclass(frozen=True)
class _Masked:
    """A value that is compared and never written."""

    value: Any

    def __repr__(self) -> str:
        return stand_in(self.value)


def differences(before: Any, after: Any) -> list[Difference]:
    """Compare two objects; what appears or goes is one difference, however much it holds."""
    changes = plain_differences(_masked(before), _masked(after), whole=True)
    return [Difference(change.path, _text(change.old), _text(change.new), change.place) for change in changes]


def _masked(value: Any) -> Any:
    """Wrap what a field of a telling name holds, whatever it is, so that no path and no text can show it."""
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    hidden = secret_fields(value)
    return {key: _Masked(item) if key in hidden else _masked(item) for key, item in value.items()}


def _text(value: Any) -> str:
    if value is ABSENT:
        return ""
    text = scrub(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
