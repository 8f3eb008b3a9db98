"""Rules over exemptions: each names a rule, a target, and a day that has not passed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Literal

from policies.context import Exemption, Level
from policies.rule import Area, Rule, Violation


def is_expired(exemption: Exemption, today: date) -> bool:
    """Tell whether the last day has passed; on the day itself the exemption holds."""
    return exemption.expires < today


def covers(exemption: Exemption, rule: str, subject: str, repository: str | None) -> bool:
    """Tell whether it excuses this breach; names are compared as a whole."""
    if exemption.rule != rule or (exemption.object is None and exemption.repository is None):
        return False
    if exemption.object is not None and exemption.object != subject:
        return False
    return exemption.repository is None or exemption.repository == repository


def check_current(
    exemptions: Collection[Exemption], rules: Mapping[str, Rule], today: date
) -> Iterator[tuple[Exemption, Violation]]:
    """Find exemptions that have expired, or can match nothing."""
    for exemption in exemptions:
        if exemption.rule not in rules:
            message = f'no rule is called "{exemption.rule}"; see the list in docs/policies.md'
            yield exemption, Violation("exemptions.rule", message)
        else:
            for noun in _excess(exemption, rules[exemption.rule]):
                message = (
                    f"{exemption.rule} has no exemptions by {noun}; docs/policies.md says which it accepts"
                )
                yield exemption, Violation(f"exemptions.{noun}", message)
        if exemption.object is None and exemption.repository is None:
            yield (
                exemption,
                Violation("exemptions.object", "this exemption must name an object or a repository"),
            )
        if is_expired(exemption, today):
            message = f"this exemption expired on {exemption.expires}; fix the cause or renew it"
            yield exemption, Violation("exemptions.expires", message)


def _excess(exemption: Exemption, rule: Rule) -> list[Literal["object", "repository"]]:
    """Return what the exemption names although the rule does not accept it."""
    named: dict[Literal["object", "repository"], str | None] = {
        "object": exemption.object,
        "repository": exemption.repository,
    }
    return [noun for noun, name in named.items() if name is not None and noun not in rule.exempt_by]


EXEMPTIONS_ARE_CURRENT = Rule(
    id="exemptions-are-current",
    area=Area.ENVIRONMENT,
    law="An exemption names a rule, a target, and a last day that has not passed.",
    why="An exception without an end changes the rule without saying so.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
    exempt_by=(),
)
EXEMPTIONS_ARE_NEEDED = Rule(
    id="exemptions-are-needed",
    area=Area.ENVIRONMENT,
    law="Each exemption matches a finding.",
    why="An exemption that is no longer needed would hide the next breach.",
    test=Level.ADVISORY,
    production=Level.ADVISORY,
    exempt_by=(),
)
RULES = (EXEMPTIONS_ARE_CURRENT, EXEMPTIONS_ARE_NEEDED)
