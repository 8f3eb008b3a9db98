"""The shop of examples/shop: it loads, renders to valid objects, and its layers say what the services do."""

from __future__ import annotations

from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it ships no types
import pytest

from components.objects.manifest import Manifest
from components.render import render
from envs.config.load import Configuration, load
from envs.config.model.app import App
from kube.image import parse_image
from policies.tags import UNIQUE, Shape, classify
from tests.tree import TREE

pytestmark = pytest.mark.slow


ROOT = TREE / "examples" / "shop"
ENVIRONMENTS = ["qa", "e2e", "prod"]
STATELESS = 10


@pytest.fixture(scope="module")
def shop() -> Configuration:
    return load(ROOT)


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def app(shop: Configuration, environment: str) -> App:
    return shop.environment(environment).apps["shop"]


@pytest.fixture(scope="module")
def manifests(shop: Configuration, environment: str) -> tuple[Manifest, ...]:
    return render(shop.environment(environment), shop.contents, {})


def objects(manifests: tuple[Manifest, ...], kind: str) -> dict[str, dict[str, Any]]:
    return {manifest.name: manifest.object for manifest in manifests if manifest.kind == kind}


def calls(app: App) -> set[tuple[str, str]]:
    """Which workload gets the address of which, with the port of the Service."""
    addresses = {
        f"{name}:{port.service or port.number}": name
        for name, workload in app.workloads.items()
        for port in workload.ports.values()
    }
    addresses["frontend"] = "frontend"  # http needs no port
    return {
        (name, addresses[variable.text])
        for name, workload in app.workloads.items()
        for variable in workload.env.values()
        if variable.text in addresses
    }


def test_every_environment_of_the_shop_is_there(shop: Configuration) -> None:
    assert sorted(shop.environments) == sorted(ENVIRONMENTS)


def test_flows_are_exactly_the_calls_that_the_services_are_told_to_make(app: App) -> None:
    flows = [(flow.from_.workload, flow.to.workload) for flow in app.flows.values()]
    assert len(flows) == len(set(flows))
    assert set(flows) == calls(app) | {("ingress", "frontend")}


def test_every_address_in_a_variable_is_a_service_with_that_port(app: App) -> None:
    told = {
        (name, variable.text.split(":")[0])
        for name, workload in app.workloads.items()
        for key, variable in workload.env.items()
        if variable.text and key.endswith("_ADDR") and key != "SHOPPING_ASSISTANT_SERVICE_ADDR"
    }
    assert told == calls(app)


def test_every_image_has_a_tag_that_names_one_thing_for_ever(manifests: tuple[Manifest, ...]) -> None:
    images = {
        container["image"]
        for kind in ("Deployment", "StatefulSet")
        for item in objects(manifests, kind).values()
        for container in item["spec"]["template"]["spec"]["containers"]
    }
    shapes: dict[str, Shape] = {}
    assert len(images) == len(objects(manifests, "Deployment")) + 1
    assert [image for image in images if classify(parse_image(image), shapes) not in UNIQUE] == []


def test_every_object_is_valid_for_the_newest_kubernetes_known(manifests: tuple[Manifest, ...]) -> None:
    newest = kubernetes_validate.latest_version()
    assert len(manifests) >= 50
    for manifest in manifests:
        kubernetes_validate.validate(manifest.object, newest, strict=True)


def test_services_that_speak_grpc_are_asked_by_their_health_service(manifests: tuple[Manifest, ...]) -> None:
    asked = {
        name: probe["grpc"]["port"]
        for name, item in objects(manifests, "Deployment").items()
        for probe in [item["spec"]["template"]["spec"]["containers"][0].get("readinessProbe", {})]
        if "grpc" in probe
    }
    assert len(asked) == STATELESS - 1
    assert asked["emailservice"] == 8080
    assert asked["shippingservice"] == 50051


def test_qa_runs_one_copy_of_each_service(shop: Configuration) -> None:
    qa = render(shop.environment("qa"), shop.contents, {})
    assert {item["spec"]["replicas"] for item in objects(qa, "Deployment").values()} == {1}
    assert objects(qa, "PodDisruptionBudget") == {}


def test_prod_scales_spreads_and_guards_all_that_keeps_no_state(shop: Configuration) -> None:
    prod = render(shop.environment("prod"), shop.contents, {})
    deployments = objects(prod, "Deployment")
    assert len(deployments) == STATELESS
    assert objects(prod, "HorizontalPodAutoscaler").keys() == deployments.keys()
    assert objects(prod, "PodDisruptionBudget").keys() == deployments.keys()
    for deployment in deployments.values():
        constraints = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert constraints[0]["topologyKey"] == "topology.kubernetes.io/zone"
        assert "replicas" not in deployment["spec"]


def test_prod_has_no_artificial_load(shop: Configuration) -> None:
    prod = render(shop.environment("prod"), shop.contents, {})
    assert [manifest.id for manifest in prod if "load" in manifest.name] == []
