"""What the API server refuses or admits from now on, told by rule instead of by expression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from envs.review.causes.causes import Causes
from envs.review.changes import Preview
from envs.review.meaning.statement import Effect, Statement
from policies.subject import dig, entries, mapping, sequence, text

_POLICY = "ValidatingAdmissionPolicy"
_BINDING = f"{_POLICY}Binding"
_SWITCH = ("policies", "admission")
_CONDITIONS = (("images",), ("policies",), ("cluster",))
"""What of the layers may change the conditions of a rule, beside its exemptions."""
_REFUSES, _WARNS = "refuses", "warns"


def admission_changes(preview: Preview, causes: Causes) -> Iterator[Statement]:
    """Compare what the API server does with objects that break a rule, and by which conditions."""
    if not any(change.object.partition("/")[0] in {_POLICY, _BINDING} for change in preview.changes):
        return
    before, now = _actions(preview.before.values()), _actions(preview.now.values())
    for rule in sorted(before.keys() | now.keys()):
        if before.get(rule) != now.get(rule):
            yield _changed(preview.name, rule, now.get(rule), _switching(rule, causes))
    was, becomes = _conditions(preview.before.values()), _conditions(preview.now.values())
    for rule in sorted(was.keys() & becomes.keys()):
        if was[rule] != becomes[rule]:
            message = "the API server judges it by other conditions"
            origins = causes.naming(("policies", "exemptions"), rule) or causes.of(*_CONDITIONS)
            yield Statement(Effect.REFUSES, rule, message, preview.name, origins or causes.of_code())


def _switching(rule: str, causes: Causes) -> tuple[str, ...]:
    """Find what makes the API server refuse or warn: a level, an exemption, the switch of admission, the tier."""
    return (
        causes.of(("policies", "levels", rule))
        or causes.naming(("policies", "exemptions"), rule)
        or causes.of(_SWITCH, ("tier",))
        or causes.of_code()
    )


def _changed(environment: str, rule: str, action: str | None, origins: tuple[str, ...]) -> Statement:
    match action:
        case None:
            return Statement(Effect.ADMITS, rule, "the API server no longer judges it", environment, origins)
        case str() if action == _WARNS:
            return Statement(
                Effect.ADMITS, rule, "the API server warns of what breaks it", environment, origins
            )
    return Statement(Effect.REFUSES, rule, "the API server refuses what breaks it", environment, origins)


def _actions(objects: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Say by rule what happens to what breaks it."""
    found = {}
    for each in objects:
        if each.get("kind") == _BINDING:
            actions = sequence(dig(each, "spec", "validationActions"))
            found[_rule(each)] = _REFUSES if "Deny" in actions else _WARNS
    return found


def _conditions(objects: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Collect by rule the expressions by which it judges."""
    return {
        _rule(each): [
            entry.get("expression")
            for field in ("variables", "validations", "matchConditions")
            for entry in entries(dig(each, "spec", field))
        ]
        for each in objects
        if each.get("kind") == _POLICY
    }


def _rule(manifest: Mapping[str, Any]) -> str:
    """Name of the rule: the first part of the policy's name, whose others are the environment and our suffix."""
    return text(mapping(manifest.get("metadata")).get("name")).partition(".")[0]
