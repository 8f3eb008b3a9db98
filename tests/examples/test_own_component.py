"""The component of examples/components: its objects are valid, judged, and sized by the layers."""

from __future__ import annotations

from datetime import date

import pytest

from envs.config.load import load
from envs.gates.judgement import judge
from envs.gates.rendering import render_around
from tests.tree import TREE

ROOT = TREE / "examples" / "components"


@pytest.mark.parametrize(("environment", "megabytes", "replicas"), [("qa", 64, 2), ("prod", 512, 3)])
def test_the_cache_is_as_large_as_the_layers_say(environment: str, megabytes: int, replicas: int) -> None:
    configuration = load(ROOT, [environment])
    around = render_around(configuration, [environment])
    made = {each.kind: each for each in around.objects[environment] if each.name == "sessions"}
    assert {"Deployment", "Service", "ServiceAccount", "PodDisruptionBudget"} <= {*made}
    spec = made["Deployment"].object["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert (spec["replicas"], container["args"]) == (replicas, [f"--memory-limit={megabytes}"])
    assert made["Deployment"].maker == "environments/components/cache.py"


def test_the_policies_judge_what_it_makes() -> None:
    configuration = load(ROOT)
    around = render_around(configuration, configuration.names)
    judged = judge(configuration, around, ["qa", "prod"], date(2026, 11, 20))
    assert [finding for finding in judged.findings if finding.rule != "placeholders-are-filled"] == []
    for made in around.objects["prod"]:
        if made.kind == "Deployment" and made.name == "sessions":
            made.object["spec"]["template"]["spec"]["hostNetwork"] = True
    judged = judge(configuration, around, ["prod"], date(2026, 11, 20))
    assert "environments/prod.yaml:11:7" in {str(finding.origin) for finding in judged.findings}
