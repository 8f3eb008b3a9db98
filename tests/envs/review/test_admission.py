"""A change of what the API server refuses is told by rule, not by expression."""

from __future__ import annotations

from typing import Any

import pytest

from envs.config.reading.document import parse_document
from envs.review.causes.causes import UNKNOWN, Causes
from envs.review.causes.layers import layer_changes
from envs.review.changes import ObjectAction, ObjectChange, Preview
from envs.review.meaning.admission import admission_changes
from policies.admission.objects import admission_policies
from policies.context import Level, Tier, Versions
from policies.tags import Shape
from tests.policies.objects import context

RULE = "containers-declare-resources"


def said(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """Effect, rule and text of each statement."""
    change = ObjectChange(ObjectAction.UPDATE, "ValidatingAdmissionPolicy/any", "", "any.yaml")
    states = [{str(number): each for number, each in enumerate(state)} for state in (before, now)]
    shown = Preview("qa", "test", {}, {}, (change,), before=states[0], now=states[1])
    return {(each.effect, each.subject, each.text) for each in admission_changes(shown, UNKNOWN)}


@pytest.mark.parametrize(
    ("level", "effect", "text"),
    [
        (Level.ADVISORY, "admits", "the API server warns of what breaks it"),
        (Level.MANDATORY, "refuses", "the API server refuses what breaks it"),
    ],
)
def test_a_level_is_told_by_what_the_api_server_does(level: Level, effect: str, text: str) -> None:
    other = Level.MANDATORY if level is Level.ADVISORY else Level.ADVISORY
    before, now = (admission_policies(context(Tier.TEST, levels={RULE: each})) for each in (other, level))

    assert said(before, now) == {(effect, RULE, text)}


@pytest.mark.parametrize(
    ("before", "now", "line"),
    [
        ("policies: {admission: true}", f"policies:\n  admission: true\n  levels: {{{RULE}: advisory}}", 3),
        (
            "policies: {admission: true}",
            f"policies:\n  admission: true\n  exemptions:\n    some: {{rule: {RULE}, until: 2027-01-01}}",
            3,
        ),
        ("policies: {}", "policies:\n  admission: true", 2),
        ("tier: production", "name: qa\ntier: test", 2),
    ],
)
def test_what_the_api_server_does_names_the_line_that_says_so(before: str, now: str, line: int) -> None:
    trees = [parse_document(text.encode(), "qa.yaml") for text in (before, now)]
    causes = Causes(list(layer_changes(trees[0], trees[1])), trees=trees)
    change = ObjectChange(ObjectAction.UPDATE, "ValidatingAdmissionPolicy/any", "", "any.yaml")
    objects = {str(number): each for number, each in enumerate(admission_policies(context()))}
    (told,) = [
        each
        for each in admission_changes(Preview("qa", "test", {}, {}, (change,), now=objects), causes)
        if each.subject == RULE
    ]
    assert told.origins == (f"qa.yaml:{line}",)


def test_admission_is_told_rule_by_rule_when_it_is_switched_on_and_off() -> None:
    policies = admission_policies(context())

    assert ("refuses", RULE, "the API server refuses what breaks it") in said([], policies)
    assert ("admits", RULE, "the API server no longer judges it") in said(policies, [])


def test_other_conditions_are_told_without_the_expression() -> None:
    shaped = context(images={"registry.example.com/app": Versions(Shape.MINOR, "its publisher says so")})

    assert said(admission_policies(context()), admission_policies(shaped)) == {
        ("refuses", "images-are-pinned", "the API server judges it by other conditions")
    }
