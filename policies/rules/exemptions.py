"""Rules over exemptions themselves: each names a rule, something it is for, and a day not yet past."""

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
    """Tell whether it excuses this fault: names are compared whole, never by their beginning."""
    if exemption.rule != rule or (exemption.object is None and exemption.repository is None):
        return False
    if exemption.object is not None and exemption.object != subject:
        return False
    return exemption.repository is None or exemption.repository == repository


def check_current(
    exemptions: Collection[Exemption], rules: Mapping[str, Rule], today: date
) -> Iterator[tuple[Exemption, Violation]]:
    """Find exemptions that excuse nothing any more, or never did."""
    for exemption in exemptions:
        if exemption.rule not in rules:
            message = f'no rule is called "{exemption.rule}"; see the list in docs/policies.md'
            yield exemption, Violation("exemptions.rule", message)
        else:
            for noun in _excess(exemption, rules[exemption.rule]):
                message = (
                    f"{exemption.rule} knows no exemption by {noun}; docs/policies.md says what it knows"
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
    """Name what the exemption names and the rule does not ask for."""
    named: dict[Literal["object", "repository"], str | None] = {
        "object": exemption.object,
        "repository": exemption.repository,
    }
    return [noun for noun, name in named.items() if name is not None and noun not in rule.exempt_by]


EXEMPTIONS_ARE_CURRENT = Rule(
    id="exemptions-are-current",
    area=Area.ENVIRONMENT,
    law="An exemption names a rule, what it is for, and a day that has not passed.",
    why="An exception without an end is a rule that nobody has written down.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
    exempt_by=(),
)
EXEMPTIONS_ARE_NEEDED = Rule(
    id="exemptions-are-needed",
    area=Area.ENVIRONMENT,
    law="An exemption excuses something that is there.",
    why="What nobody needs any more would excuse the next fault unseen.",
    test=Level.ADVISORY,
    production=Level.ADVISORY,
    exempt_by=(),
)
RULES = (EXEMPTIONS_ARE_CURRENT, EXEMPTIONS_ARE_NEEDED)
