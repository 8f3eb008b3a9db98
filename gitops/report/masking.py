"""The fields in which two versions of an object differ, as JSON, with digests in place of secret values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops.secrecy import secret_fields, stand_in
from kube.difference import ABSENT
from kube.difference import differences as plain_differences

_LONGEST = 200


@dataclass(frozen=True)
class Difference:
    """A field and its values, as JSON; an absent one is empty."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class _Masked:
    """A value that is compared and never written."""

    value: Any

    def __repr__(self) -> str:
        return stand_in(self.value)


def differences(before: Any, after: Any) -> list[Difference]:
    """Compare two objects; what appears or goes is one difference, however much it holds."""
    changes = plain_differences(_masked(before), _masked(after), whole=True)
    return [Difference(change.path, _text(change.old), _text(change.new)) for change in changes]


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
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
