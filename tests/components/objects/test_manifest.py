"""Manifests: what they are called, the order of their keys, where their values come from."""

from pathlib import Path

import pytest

from components.objects.manifest import Manifest, Part, plain
from envs.config.load import load
from envs.config.reading.faults import ConfigurationError
from envs.gates.rendering import render_environment
from kube.kinds import group_kind, plural
from kube.yaml.origin import origin_of
from tests.components.rendering import main, of_kind, render_server, render_text, server
from tests.roots import in_server, make_root
from tests.tree import TREE


def test_an_id_is_kind_namespace_name_and_without_a_namespace_kind_name() -> None:
    def identify(metadata: dict[str, str]) -> str:
        return Manifest({"kind": "A", "metadata": metadata}, Part.FENCE, "", (), "").id

    assert identify({"name": "c", "namespace": "b"}) == "A/b/c"
    assert identify({"name": "c"}) == "A/c"


def test_keys_stand_in_the_order_in_which_people_read_them(tmp_path: Path) -> None:
    item = server(render_server(tmp_path))
    assert list(item) == ["apiVersion", "kind", "metadata", "spec"]
    assert list(item["metadata"]) == ["name", "namespace", "labels"]
    assert list(item["spec"])[-1] == "template"
    assert list(main(item))[:2] == ["name", "image"]


def test_values_know_the_line_that_they_come_from(tmp_path: Path) -> None:
    container = main(server(render_server(tmp_path, "env: {LEVEL: debug}", "ports: {http: 9090}")))
    assert str(origin_of(container["env"][0]["value"])) == "environments/qa.yaml:6:22"
    assert str(origin_of(container["ports"][0]["containerPort"])) == "environments/qa.yaml:7:23"


def test_the_fence_and_the_workloads_are_told_apart(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"qa.yaml": in_server("replicas: 2")})
    parts = {item.id: item.part for item in render_environment(load(root), "qa")}
    assert {key.split("/")[0] for key, part in parts.items() if part is Part.WORKLOAD} == {
        "Deployment",
        "Service",
        "PodDisruptionBudget",
    }


def test_every_manifest_says_what_it_was_made_from_and_by(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    made = {item.id: item for item in render_environment(load(root), "qa")}
    service = made["Service/shop-qa/server"]
    assert service.source == ("apps", "shop", "workloads", "server")
    assert service.maker == "components/workloads/exposure.py"
    repository = TREE
    assert all((repository / item.maker).is_file() for item in made.values())


def test_two_objects_of_one_name_are_a_fault_that_names_both(tmp_path: Path) -> None:
    reference = "secrets: {db: {store: vault, remote: {a: b}}}"
    text = f'tier: test\napps: {{shop: {{workloads: {{server: {{{reference}}}, b: {{image: "a:1", {reference}}}}}}}}}\n'
    with pytest.raises(
        ConfigurationError, match=r"ExternalSecret/shop-qa/db is already made by apps\.shop\.workloads"
    ):
        render_text(tmp_path, text)


def test_a_manifest_holds_plain_data_only() -> None:
    with pytest.raises(TypeError, match="cannot hold a set"):
        plain({"a": {1}})


@pytest.mark.parametrize(
    ("kind", "resource"),
    [
        ("Deployment", "deployments"),
        ("Ingress", "ingresses"),
        ("NetworkPolicy", "networkpolicies"),
        ("Endpoints", "endpoints"),
        ("Gateway", "gateways"),
        ("HTTPRoute", "httproutes"),
        ("StorageClass", "storageclasses"),
        ("Patch", "patches"),
    ],
)
def test_plurals_are_those_of_the_api(kind: str, resource: str) -> None:
    assert plural(kind) == resource


def test_kinds_are_written_with_their_group() -> None:
    assert group_kind("apps/v1", "Deployment") == "apps/Deployment"
    assert group_kind("v1", "Service") == "Service"


def test_apps_and_environments_do_not_mix(tmp_path: Path) -> None:
    objects = render_text(tmp_path, 'tier: test\napps: {till: {workloads: {server: {image: "a:1"}}}}\n')
    for item in of_kind(objects, "Deployment"):
        namespace, app = (
            item["metadata"]["namespace"],
            item["metadata"]["labels"]["app.kubernetes.io/instance"],
        )
        assert namespace == f"{app}-qa"
