"""A literal of a layer that only looks like a credential is exempt by its place, with a reason and a last day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from envs.config.load import load
from envs.gates.judgement import judge
from envs.gates.rendering import render_around
from tests.roots import faults, make_root

PLACE = "apps.shop.workloads.server.env.DEMO_PASSWORD"
LAYER = """\
tier: test
policies:
  exemptions:
    demo: {{rule: {rule}, object: Layer/{place}, because: shown to every visitor, until: "2026-03-01"}}
apps: {{shop: {{workloads: {{server: {{env: {{DEMO_PASSWORD: guest}}}}}}}}}}
"""


def test_an_exemption_by_place_lets_a_literal_stand(tmp_path: Path) -> None:
    layer = LAYER.format(rule="layers-hold-no-credentials", place=PLACE)

    assert load(make_root(tmp_path, {"qa.yaml": layer})).environments["qa"]


@pytest.mark.parametrize(
    ("rule", "place"),
    [("layers-hold-no-credentials", f"{PLACE}.text"), ("config-holds-no-credentials", PLACE)],
)
def test_any_other_exemption_does_not(tmp_path: Path, rule: str, place: str) -> None:
    (fault,) = faults(make_root(tmp_path, {"qa.yaml": LAYER.format(rule=rule, place=place)}))

    assert fault.startswith(f"environments/qa.yaml:5:57: {PLACE}: looks like the value of a credential")


def test_an_exemption_that_has_run_out_is_a_finding(tmp_path: Path) -> None:
    layer = LAYER.format(rule="layers-hold-no-credentials", place=PLACE)
    configuration = load(make_root(tmp_path, {"qa.yaml": layer}))
    around = render_around(configuration, ["qa"])

    judged = judge(configuration, around, ["qa"], date(2026, 3, 2)).findings

    assert "exemptions-are-current" in {finding.rule for finding in judged}
