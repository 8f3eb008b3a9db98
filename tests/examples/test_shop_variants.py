"""The shop in a service mesh and with a managed Redis: layers say it, and no object is written verbatim."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from envs.config.load import Configuration
from envs.gates.judgement import judge
from envs.gates.load import load
from envs.gates.rendering import Surroundings, render_around
from policies.context import Level
from tests.components.rendering import Objects, main
from tests.examples.shop_variants import ISTIO, MEMORYSTORE, SHOP, UPSTREAM_LINES, write_variants

LABELS = "app.kubernetes.io/name"


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    return load(write_variants(tmp_path_factory.mktemp("variants")))


@pytest.fixture(scope="module")
def around(configuration: Configuration) -> Surroundings:
    return render_around(configuration, configuration.names)


def objects(around: Surroundings, name: str) -> Objects:
    return {each.id: each.object for each in around.objects[name]}


@pytest.mark.parametrize("name", ["managed", "cloud"])
def test_a_managed_redis_takes_the_place_of_the_one_in_the_cluster(name: str, around: Surroundings) -> None:
    made = objects(around, name)
    space = f"shop-{name}"
    cart = main(made[f"Deployment/{space}/cartservice"])
    assert {"name": "REDIS_ADDR", "value": "10.20.30.40:6379"} in cart["env"]
    assert not [key for key in made if key.endswith("/redis-cart")]
    opened = made[f"NetworkPolicy/{space}/cart-memorystore-egress"]["spec"]
    assert opened["podSelector"]["matchLabels"][LABELS] == "cartservice"
    assert opened["egress"][0]["to"][0]["ipBlock"]["cidr"] == "10.20.30.40/32"


@pytest.mark.parametrize("name", ["mesh", "cloud"])
def test_a_mesh_injects_its_sidecars_routes_visitors_and_names_what_is_outside(
    name: str, around: Surroundings
) -> None:
    made = objects(around, name)
    space = f"shop-{name}"
    assert made[f"Namespace/{space}"]["metadata"]["labels"]["istio-injection"] == "enabled"
    (route,) = (item for key, item in made.items() if key.startswith("HTTPRoute/"))
    assert route["spec"]["parentRefs"] == [{"name": "istio-gateway", "namespace": "istio-ingress"}]
    assert not [key for key in made if key.startswith("Ingress/")]
    assert _hosts(made) == {
        "allow-egress-googleapis": ["accounts.google.com", "*.googleapis.com"],
        "allow-egress-metadata": ["metadata.google.internal"],
    }
    mesh = made[f"NetworkPolicy/{space}/mesh-egress"]["spec"]
    assert mesh["egress"][0]["to"][0]["podSelector"] == {"matchLabels": {"app": "istiod"}}


def test_each_workload_has_the_policies_that_the_component_has(around: Surroundings) -> None:
    """What answers calls is closed but for its callers."""
    made = objects(around, "mesh")
    called = {
        item["spec"]["podSelector"]["matchLabels"][LABELS]
        for key, item in made.items()
        if key.startswith("NetworkPolicy/")
        and item["spec"].get("ingress")
        and "matchLabels" in item["spec"]["podSelector"]
    }
    workloads = {key.rpartition("/")[2] for key in made if key.startswith(("Deployment/", "StatefulSet/"))}
    assert called == workloads - {"loadgenerator"}
    assert made["NetworkPolicy/shop-mesh/default-deny"]["spec"]["podSelector"] == {}


def test_no_rule_stops_any_of_them(configuration: Configuration, around: Surroundings) -> None:
    found = judge(configuration, around, list(configuration.names), date(2026, 1, 1)).findings
    assert [finding for finding in found if finding.level is Level.MANDATORY] == []


def test_they_take_fewer_lines_than_the_components_and_no_escape_hatch() -> None:
    said = MEMORYSTORE + ISTIO
    flows = (SHOP / "base.yaml").read_text().partition("    flows:\n")[2].partition("\n\n")[0].count("\n") + 1
    assert said.count("\n") + flows < sum(UPSTREAM_LINES.values()) / 4
    assert not any(word in said for word in ("manifests:", "patch:"))


def _hosts(made: Objects) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {
        _name(item): item["spec"]["hosts"] for item in made.values() if item["kind"] == "ServiceEntry"
    }
    return found


def _name(item: dict[str, Any]) -> str:
    return str(item["metadata"]["name"])
