"""Previews as JSON for programs, complete and ungrouped (described in docs/commands.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from envs.review.changes import Field, ObjectChange, Preview
from envs.review.meaning.statement import Told
from kube.difference import ABSENT
from policies.context import Level
from policies.rule import Finding


def as_json(previews: Sequence[Preview], findings: Sequence[Finding], base: str | None) -> dict[str, Any]:
    """Return everything as plain data."""
    counts = Counter(finding.level for finding in findings)
    return {
        "base": base,
        "environments": [_environment(preview) for preview in previews],
        "findings": {level.value: counts[level] for level in Level},
    }


def changes_as_json(previews: Sequence[Preview], effects: Sequence[Told], base: str | None) -> dict[str, Any]:
    """Return the changes of the environments that have any, and what they mean."""
    return {
        "base": base,
        "meaning": [
            {
                "effect": told.effect.value,
                "risky": told.is_risky,
                "subjects": list(told.subjects),
                "text": told.text,
                "environments": list(told.environments),
                "pods": told.pods,
                "details": list(told.details),
                "origins": list(told.origins),
            }
            for told in effects
        ],
        "environments": [_environment(preview) for preview in previews if preview.changes],
    }


def _environment(preview: Preview) -> dict[str, Any]:
    return {
        "name": preview.name,
        "tier": preview.tier or None,
        "objects": {"apps": dict(preview.apps), "kinds": dict(sorted(preview.kinds.items()))},
        "changes": [_change(change) for change in preview.changes],
    }


def _change(change: ObjectChange) -> dict[str, Any]:
    return {
        "action": change.action.value,
        "object": change.object,
        "app": change.app,
        "file": change.file,
        "restarts": change.restarts,
        **({"former": change.former} if change.former else {}),
        "fields": [_field(field) for field in change.fields],
    }


def _field(field: Field) -> dict[str, Any]:
    """Describe a field; a side that is absent has no key, so that it differs from null."""
    value: dict[str, Any] = {"path": field.change.path}
    if field.change.old is not ABSENT:
        value["old"] = field.change.old
    if field.change.new is not ABSENT:
        value["new"] = field.change.new
        value["origin"] = field.origin
    return value
