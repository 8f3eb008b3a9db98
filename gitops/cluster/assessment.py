"""The six words for the health of an object, and how its conditions are read."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from gitops.objects import Body


class Health(StrEnum):
    """The six words, best first."""

    HEALTHY = "Healthy"
    SUSPENDED = "Suspended"
    PROGRESSING = "Progressing"
    MISSING = "Missing"
    DEGRADED = "Degraded"
    UNKNOWN = "Unknown"


class Assessment(NamedTuple):
    """A word and, unless it is Healthy, its reason."""

    health: Health
    message: str = ""


HEALTHY = Assessment(Health.HEALTHY)


def progressing(message: str) -> Assessment:
    """Say that an object is on its way."""
    return Assessment(Health.PROGRESSING, message)


def degraded(message: str) -> Assessment:
    """Say that an object has failed."""
    return Assessment(Health.DEGRADED, message)


def suspended(message: str) -> Assessment:
    """Say that somebody has paused an object."""
    return Assessment(Health.SUSPENDED, message)


def conditions(status: Body) -> dict[str, Body]:
    """Return the conditions of a status by type."""
    return {condition["type"]: condition for condition in status.get("conditions") or []}


def is_condition(status: Body, name: str, value: str = "True") -> bool:
    """Tell whether a condition has a status."""
    return bool(conditions(status).get(name, {}).get("status") == value)


def explain(status: Body, name: str) -> str:
    """Write the reason and the message of a condition, or at least its type."""
    condition = conditions(status).get(name, {})
    return ": ".join(filter(None, (condition.get("reason") or name, condition.get("message"))))
