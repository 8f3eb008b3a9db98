"""What the layers say to the policies reaches the rules: each setting, by one form, with its place."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from envs.config.load import load
from envs.config.model.policies import DeclaredExemption, Policies
from envs.gates.context import context, wire
from gitops.settings import parse
from policies.context import Context, Level, Tier, from_wire, to_wire
from policies.tags import Shape
from tests.components.rendering import render_text
from tests.roots import make_root

TODAY = date(2026, 1, 1)
# Settings of the fence, and of who may write what.
NO_RULE_KNOWS = {"admission", "clusterApps", "delegates"}
ALL = """\
tier: test
cluster: {apiServer: 10.0.0.1/32, podNetworks: [10.244.0.0/16], version: "1.34", apis: resource.k8s.io/v1beta1}
images:
  docker.io/library/postgres: {tags: minor, because: its minor versions never move}
policies:
  registries: registry.example.com
  requireDigests: true
  levels: {images-are-pinned: advisory}
  longestExemption: 90d
  admission: true
  kinds: {example.com/Widget: for the test}
  exemptions:
    old:
      rule: images-carry-digests
      object: Deployment/shop-qa/server
      repository: registry.example.com/server
      because: its publisher has no digests
      until: "2026-03-01"
gitops: {image: "registry.example.com/gitops:1.0.0", repo: "https://git.example.com/environments.git"}
apps: {shop: {delivery: pull, namespace: {name: web, create: false, labels: {a: b}}}}
"""


def declared(folder: Path) -> Context:
    """Give the context of the environment that says all that can be said."""
    return context(load(make_root(folder, {"qa.yaml": ALL})).environment("qa"), ["qa", "prod"], TODAY)


def test_every_setting_of_the_layers_reaches_the_rules(tmp_path: Path) -> None:
    found = declared(tmp_path)
    assert (found.environment, found.tier) == ("qa", Tier.TEST)
    assert found.names == {"qa", "prod"}
    assert (found.registries, found.require_digests) == (("registry.example.com",), True)
    assert found.levels == {"images-are-pinned": Level.ADVISORY}
    assert found.longest_exemption == timedelta(days=90)
    assert found.shapes == {"docker.io/library/postgres": Shape.MINOR}
    assert found.pod_networks == ("10.244.0.0/16",)
    assert found.namespaces == {"web": {"a": "b"}}
    assert (found.kubernetes, found.apis) == ("1.34", ("resource.k8s.io/v1beta1",))
    assert found.kinds == ("example.com/Widget",)
    (exemption,) = found.exemptions.values()
    assert (exemption.rule, exemption.until) == ("images-carry-digests", date(2026, 3, 1))


def test_no_setting_of_the_layers_is_left_out_of_the_wire_form(tmp_path: Path) -> None:
    """A new field of the layers that the wire form does not carry fails here."""
    said = wire(load(make_root(tmp_path, {"qa.yaml": ALL})).environment("qa"), ["qa", "prod"])
    policies = {field.alias for field in Policies.model_fields.values()} - NO_RULE_KNOWS
    assert said.keys() == {
        "tier",
        "images",
        "environments",
        "namespaces",
        "podNetworks",
        "kubernetes",
        "apis",
        *policies,
    }
    assert said["exemptions"]["old"].keys() == {
        field.alias for field in DeclaredExemption.model_fields.values()
    }


def test_the_wire_form_survives_json_and_is_read_back(tmp_path: Path) -> None:
    found = declared(tmp_path)
    again = from_wire(json.loads(json.dumps(to_wire(found))), "qa", TODAY)
    assert to_wire(again) == to_wire(found)


def test_the_job_is_told_the_same_and_its_settings_name_no_other_environment(tmp_path: Path) -> None:
    objects = render_text(tmp_path, ALL)
    text = objects["ConfigMap/gitops-qa/settings"]["data"]["settings.yaml"]
    told = Context.of(parse(text, "settings.yaml").policies, "qa", TODAY)
    everything = to_wire(declared(tmp_path))
    del everything["environments"]
    assert to_wire(told) == everything


def test_every_value_of_an_exemption_has_its_place(tmp_path: Path) -> None:
    places = declared(tmp_path).origins
    assert places["policies.exemptions.old.rule"] == "environments/qa.yaml:14:13"
    assert places["policies.exemptions.old.until"] == "environments/qa.yaml:18:14"
