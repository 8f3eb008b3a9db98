"""The image rules as objects of the fence: only where asked for, the same every day, and read like a layer says."""

from __future__ import annotations

from pathlib import Path

from components.objects.manifest import Part
from envs.config.load import load
from envs.gates.rendering import render_environment
from tests.roots import make_root

ASKED = {"qa.yaml": "tier: test\npolicies: {admission: true}\n"}


def test_an_environment_that_does_not_ask_has_none(tmp_path: Path) -> None:
    kinds = {manifest.kind for manifest in render_environment(load(make_root(tmp_path)), "qa")}
    assert not {kind for kind in kinds if kind.startswith("ValidatingAdmission")}


def test_each_policy_has_a_binding_for_the_namespaces_of_the_environment_alone(tmp_path: Path) -> None:
    manifests = render_environment(load(make_root(tmp_path, ASKED)), "qa")
    policies = {m.name: m for m in manifests if m.kind == "ValidatingAdmissionPolicy"}
    bindings = [m for m in manifests if m.kind == "ValidatingAdmissionPolicyBinding"]
    assert {binding.object["spec"]["policyName"] for binding in bindings} == set(policies) != set()
    for manifest in (*policies.values(), *bindings):
        assert (manifest.part, manifest.owner, manifest.namespace) == (Part.FENCE, "policies", "")
    for binding in bindings:
        selector = binding.object["spec"]["matchResources"]["namespaceSelector"]
        assert selector == {"matchLabels": {"environments.internal/environment": "qa"}}


def test_a_new_environment_changes_nothing_of_the_others(tmp_path: Path) -> None:
    more = {"blue.yaml": "tier: test\n", "stacks/Pulumi.blue.yaml": "config: {}\n"}
    alone = render_environment(load(make_root(tmp_path / "alone", ASKED)), "qa")
    beside = render_environment(load(make_root(tmp_path / "beside", {**ASKED, **more})), "qa")
    assert [manifest.object for manifest in alone] == [manifest.object for manifest in beside]
