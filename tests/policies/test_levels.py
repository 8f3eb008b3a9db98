"""Levels: what the tier decides, what an environment may change, and in which direction."""

from __future__ import annotations

import pytest

from policies.context import Level, Tier
from policies.rule import Rule
from policies.rules import RULES
from tests.policies.objects import context

BY_ID = [pytest.param(rule, id=rule.id) for rule in RULES]


@pytest.mark.parametrize("rule", BY_ID)
def test_without_a_wish_the_tier_decides(rule: Rule) -> None:
    assert rule.level(context(Tier.PRODUCTION)) is rule.production
    assert rule.level(context(Tier.TEST)) is rule.test


@pytest.mark.parametrize("rule", BY_ID)
def test_production_is_at_least_as_strict_as_test(rule: Rule) -> None:
    assert rule.production is Level.MANDATORY or rule.test is Level.ADVISORY


@pytest.mark.parametrize("rule", BY_ID)
def test_production_can_be_made_stricter_and_never_milder(rule: Rule) -> None:
    for tier, usual in ((Tier.PRODUCTION, rule.production), (Tier.TEST, rule.test)):
        assert rule.level(context(tier, levels={rule.id: Level.MANDATORY})) is Level.MANDATORY
        lowered = rule.level(context(tier, levels={rule.id: Level.ADVISORY}))
        free = tier is Tier.TEST and rule.relaxable
        assert lowered is (Level.ADVISORY if free else usual)


def test_a_wish_about_one_rule_changes_no_other() -> None:
    wish = {RULES[0].id: Level.MANDATORY}

    assert all(rule.level(context(Tier.TEST, levels=wish)) is rule.test for rule in RULES[1:])


def test_test_environments_may_only_lower_what_the_documentation_says() -> None:
    assert {rule.id for rule in RULES if rule.relaxable} == {
        "images-are-pinned",
        "pods-meet-restricted",
        "containers-declare-resources",
        "pods-have-their-own-account",
        "tokens-are-mounted-with-a-reason",
        "accounts-keep-their-tokens",
        "objects-name-their-namespace",
    }


@pytest.mark.parametrize("rule", BY_ID)
def test_the_levels_that_a_rule_can_have_are_those_that_environments_can_give_it(rule: Rule) -> None:
    wishes = [{}, {rule.id: Level.MANDATORY}, {rule.id: Level.ADVISORY}]

    assert rule.levels == {rule.level(context(tier, levels=wish)) for tier in Tier for wish in wishes}
