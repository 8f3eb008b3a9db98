"""One exemption, every gate: offline, in the Pulumi pack and in the job the verdict on an object is the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from components.stack.delivery import pulled, pushed
from envs.config.load import Configuration, load
from envs.gates.context import wire
from envs.gates.judgement import judge
from envs.gates.rendering import render_around
from gitops.objects import DesiredObject, key_of
from gitops.run import gate
from gitops.settings import parse
from kube.yaml.origin import Origin
from policies.pack import ENVIRONMENT, PULLED, Pack, StackResource
from tests.roots import make_root

TODAY = date(2026, 1, 1)
LAYER = """\
tier: production
cluster: {{apiServer: 10.0.0.1/32}}
gitops: {{image: "registry.example.com/gitops:1.0.0", repo: "https://git.example.com/environments.git"}}
policies:
  exemptions:
    moving:
      rule: images-are-pinned
      object: Deployment/shop-qa/{excused}
      because: until the next release
      until: "2026-03-01"
apps: {{shop: {{delivery: {delivery}, workloads: {{server: {{image: "registry.example.com/server:latest"}}}}}}}}
"""


def offline(configuration: Configuration) -> set[str]:
    """Objects with a moving tag, as `envs check` and the program find them."""
    findings = judge(configuration, render_around(configuration, ["qa"]), ["qa"], TODAY).findings
    return {finding.object for finding in findings if finding.rule == "images-are-pinned"}


def in_the_pack(configuration: Configuration) -> set[str]:
    """Objects with a moving tag, as the pack finds them among the resources of the stack."""
    environment = configuration.environment("qa")
    manifests = render_around(configuration, ["qa"]).objects["qa"]
    resources = [StackResource(ENVIRONMENT, "urn", wire(environment, configuration.environments))]
    resources += [StackResource(PULLED, each.name, each.inputs) for each in pulled(environment, manifests)]
    resources += [
        StackResource(f"kubernetes:{each.object['apiVersion']}:{each.kind}", each.id, each.object)
        for each in pushed(environment, manifests)
    ]
    pack = Pack("qa", TODAY, KeyError)
    findings = [finding for resource in resources for finding in pack.judge(resource, "images", {})]
    return {finding.object for finding in findings if finding.rule == "images-are-pinned"}


def in_the_job(configuration: Configuration) -> set[str]:
    """Objects with a moving tag, as the job finds them by its rendered settings."""
    manifests = {each.id: each.object for each in render_around(configuration, ["qa"]).objects["qa"]}
    text = manifests["ConfigMap/gitops-qa/settings"]["data"]["settings.yaml"]
    body = manifests["Deployment/shop-qa/server"]
    found = gate.judge(
        parse(text, "settings.yaml"),
        "shop-qa",
        [DesiredObject(key_of(body), body, Origin("a.yaml", 1, 1))],
        TODAY,
    )
    return {"Deployment/shop-qa/server" for fault in found if "[images-are-pinned]" in fault.message}


@pytest.mark.parametrize("delivery", ["push", "pull"])
@pytest.mark.parametrize("excused", ["server", "other"])
def test_an_exemption_by_object_holds_for_that_object_at_every_gate(
    tmp_path: Path, delivery: str, excused: str
) -> None:
    layer = LAYER.format(delivery=delivery, excused=excused)
    configuration = load(make_root(tmp_path, {"qa.yaml": layer}))

    expected = set() if excused == "server" else {"Deployment/shop-qa/server"}

    assert offline(configuration) == in_the_pack(configuration) == expected
    if delivery == "pull":
        assert in_the_job(configuration) == expected
