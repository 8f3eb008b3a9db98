"""The generated policies of the API server: when they deny, when they warn, and what they say."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from policies.admission.objects import pod_policies
from policies.admission.pod_checks import CHECKS
from policies.context import Exemption, Level, Tier
from policies.rules import RULES_BY_ID
from tests.policies.objects import context

BASELINE = "pods-meet-baseline"


def actions(**changes: Any) -> dict[str, list[str]]:
    """Actions by rule."""
    bindings = [made["spec"] for made in pod_policies(context(**changes)) if "policyName" in made["spec"]]
    return {spec["policyName"].partition(".")[0]: spec["validationActions"] for spec in bindings}


@pytest.mark.parametrize("tier", Tier)
def test_a_rule_denies_where_it_is_mandatory_and_warns_elsewhere(tier: Tier) -> None:
    expected = {
        rule: ["Deny"] if RULES_BY_ID[rule].usual(tier) is Level.MANDATORY else ["Warn", "Audit"]
        for rule in CHECKS
    }

    assert actions(tier=tier) == expected


def test_a_level_of_the_environment_holds_here_too() -> None:
    relaxed = actions(tier=Tier.TEST, levels={"containers-declare-resources": Level.ADVISORY})

    assert relaxed["containers-declare-resources"] == ["Warn", "Audit"]


@pytest.mark.parametrize(
    ("until", "action"), [(date(2026, 1, 1), ["Warn", "Audit"]), (date(2025, 12, 31), ["Deny"])]
)
def test_a_rule_from_which_an_object_is_exempt_only_warns(until: date, action: list[str]) -> None:
    exemption = Exemption(BASELINE, "it reads logs of the node", until, object="DaemonSet/logs-prod/agent")

    denied = actions(exemptions=[exemption])

    assert denied[BASELINE] == action
    assert denied["pods-meet-restricted"] == ["Deny"]


def test_every_refusal_names_its_rule_and_what_to_do() -> None:
    for policy in pod_policies(context())[::2]:
        rule = policy["metadata"]["name"].partition(".")[0]
        for validation in policy["spec"]["validations"]:
            assert re.match(rf"{rule}: (?:set|add|remove|use|write|create) ", validation["message"])
