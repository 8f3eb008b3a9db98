"""Matches labels with label selectors, and finds selectors that no labels can match.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from policies.subject import entries, mapping, sequence


class Requirement(NamedTuple):
    """What a selector requires of one label."""

    key: str
    operator: str
    values: frozenset[str]

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Tell whether the labels satisfy it; a missing label is not in any set."""
        value = labels.get(self.key)
        match self.operator:
            case "In":
                return value in self.values
            case "NotIn":
                return value not in self.values
            case "Exists":
                return value is not None
            case "DoesNotExist":
                return value is None
        return False


def requirements(selector: Mapping[str, Any]) -> Iterator[Requirement]:
    """Return matchLabels and matchExpressions as requirements, all of which must hold."""
    for key, value in mapping(selector.get("matchLabels")).items():
        yield Requirement(key, "In", frozenset({str(value)}))
    yield from _expressions(selector)


def _expressions(selector: Mapping[str, Any]) -> Iterator[Requirement]:
    for entry in entries(selector.get("matchExpressions")):
        values = frozenset(str(value) for value in sequence(entry.get("values")))
        yield Requirement(str(entry.get("key")), str(entry.get("operator")), values)


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether the labels satisfy the selector; an empty one selects everything."""
    wanted = mapping(selector.get("matchLabels"))
    return all(labels.get(key) == str(value) for key, value in wanted.items()) and all(
        requirement.holds(labels) for requirement in _expressions(selector)
    )


def satisfiable(
    selector: Mapping[str, Any], fixed: Mapping[str, Callable[[list[Requirement]], bool]] | None = None
) -> bool:
    """Tell whether any labels can satisfy the selector.

    `fixed` judges the requirements of labels that cannot be chosen freely.
    """
    by_key: dict[str, list[Requirement]] = {}
    for requirement in requirements(selector):
        by_key.setdefault(requirement.key, []).append(requirement)
    judges = fixed or {}
    return all(judges.get(key, _consistent)(asked) for key, asked in by_key.items())


def _consistent(asked: list[Requirement]) -> bool:
    """Tell whether one value, or the lack of one, satisfies all requirements of one label."""
    candidates: set[str | None] = {None, "any other value than those named"}
    candidates.update(value for requirement in asked for value in requirement.values)
    return any(
        all(requirement.holds({} if value is None else {requirement.key: value}) for requirement in asked)
        for value in candidates
    )
