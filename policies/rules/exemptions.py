"""Rules over exemptions themselves: each names a rule, something it is for, and a day that is not far away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Literal

from policies.context import Context, Exemption, Level
from policies.rule import Area, Rule, Violation

NOTICE = timedelta(days=14)  # how long before its last day an exemption is announced


def is_expired(exemption: Exemption, today: date) -> bool:
    """Tell whether the last day has passed; on the day itself the exemption holds."""
    return exemption.until < today


def covers(exemption: Exemption, rule: str, subject: str, repository: str | None) -> bool:
    """Tell whether it excuses this breach; names are compared as a whole."""
    if exemption.rule != rule or (exemption.object is None and exemption.repository is None):
        return False
    if exemption.object is not None and exemption.object != subject:
        return False
    return exemption.repository is None or exemption.repository == repository


def check_current(context: Context, rules: Mapping[str, Rule]) -> Iterator[tuple[str, Violation]]:
    """Find exemptions, by name, that excuse nothing any more, or never did."""
    for name, exemption in context.exemptions.items():
        if exemption.rule not in rules:
            message = f'no rule is called "{exemption.rule}"; see the list in docs/policies.md'
            yield name, Violation(place(name, "rule"), message)
        else:
            for noun in _excess(exemption, rules[exemption.rule]):
                message = (
                    f"{exemption.rule} has no exemptions by {noun}; docs/policies.md says which it accepts"
                )
                yield name, Violation(place(name, noun), message)
        if exemption.object is None and exemption.repository is None:
            yield name, Violation(place(name, "object"), "names nothing; write an object or a repository")
        if is_expired(exemption, context.today):
            message = f"this exemption expired on {exemption.until}; fix the cause or renew it"
            yield name, Violation(place(name, "until"), message)


def check_bounded(context: Context) -> Iterator[tuple[str, Violation]]:
    """Find exemptions, by name, whose last day is further away than the environment allows."""
    latest = context.today + context.longest_exemption
    for name, exemption in context.exemptions.items():
        if exemption.until > latest:
            days = context.longest_exemption.days
            message = (
                f"this exemption ends on {exemption.until}, more than {days} days from today; write {latest} or "
                "an earlier day, or set policies.longestExemption"
            )
            yield name, Violation(place(name, "until"), message)


def check_announced(context: Context) -> Iterator[tuple[str, Violation]]:
    """Find exemptions, by name, that end soon: what they excuse will block then."""
    for name, exemption in context.exemptions.items():
        left = exemption.until - context.today
        if timedelta(0) <= left <= NOTICE:
            message = f"this exemption ends on {exemption.until}; fix the cause or renew it before that day"
            yield name, Violation(place(name, "until"), message)


def place(name: str, field: str) -> str:
    """Dotted path of a field of an exemption, as the layers write it."""
    return f"policies.exemptions.{name}.{field}"


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
EXEMPTIONS_ARE_BOUNDED = Rule(
    id="exemptions-are-bounded",
    area=Area.ENVIRONMENT,
    law="An exemption ends within 180 days from today, or within `policies.longestExemption`.",
    why="An end that is far away is no end.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
    exempt_by=(),
)
EXEMPTIONS_ARE_RENEWED_IN_TIME = Rule(
    id="exemptions-are-renewed-in-time",
    area=Area.ENVIRONMENT,
    law="An exemption does not end within the next 14 days.",
    why="On the day after its last one it blocks every deployment.",
    test=Level.ADVISORY,
    production=Level.ADVISORY,
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
RULES = (
    EXEMPTIONS_ARE_CURRENT,
    EXEMPTIONS_ARE_BOUNDED,
    EXEMPTIONS_ARE_RENEWED_IN_TIME,
    EXEMPTIONS_ARE_NEEDED,
)
