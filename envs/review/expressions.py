"""Summarizes a changed generated expression: its length, and the line that made it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from envs.config.model.environment import Environment
from kube.difference import FieldChange
from kube.image import parse_repository
from kube.yaml.origin import Origin, origin_of

_LONGEST = 96  # letters that are read as they are


def is_long_expression(change: FieldChange) -> bool:
    """Whether a field holds a CEL expression, by its name in the Kubernetes API; a diff of one is unreadable."""
    is_expression = change.path.rpartition(".")[2] in {"expression", "messageExpression"}
    sides = (change.old, change.new)
    return is_expression and any(isinstance(side, str) and len(side) > _LONGEST for side in sides)


def size(change: FieldChange) -> str:
    """Say how long the expression is now."""
    return f"changed ({len(change.new):,} characters)" if isinstance(change.new, str) else "gone"


def line_of(change: FieldChange, environment: Environment) -> Origin | None:
    """Find the exemption or the shape of versions whose repository the expression did not name before."""
    old, new = str(change.old), str(change.new)
    for repository, origin in _declared(environment):
        name = json.dumps(repository)
        if old.count(name) < new.count(name):
            return origin
    return None


def _declared(environment: Environment) -> Iterator[tuple[str, Origin | None]]:
    for exemption in environment.policies.exemptions.values():
        if exemption.repository is not None:
            yield parse_repository(exemption.repository), origin_of(exemption.repository)
    for key, versions in environment.images.items():
        yield parse_repository(key), origin_of(versions.tags)
