"""The platform of examples/platform: what a real platform needs is there, valid, and breaks no rule."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it ships no types
import pytest

from envs.gates.judgement import judge
from envs.gates.load import load
from envs.gates.rendering import render_around
from tests.tree import TREE

pytestmark = pytest.mark.slow

ROOT = TREE / "examples" / "platform"
OTHERS = {"ExternalSecret", "HTTPRoute", "ScaledObject"}


@pytest.fixture(scope="module")
def objects() -> dict[str, dict[str, dict[str, Any]]]:
    """Give the objects of each environment by Kind/namespace/name."""
    made = render_around(load(ROOT), []).objects
    return {name: {one.id: one.object for one in manifests} for name, manifests in made.items()}


def pod(item: dict[str, Any]) -> dict[str, Any]:
    spec = item["spec"]
    spec = spec["jobTemplate"]["spec"] if item["kind"] == "CronJob" else spec
    found: dict[str, Any] = spec["template"]["spec"]
    return found


def test_no_rule_finds_anything_in_any_environment() -> None:
    configuration = load(ROOT)
    around = render_around(configuration, [])
    assert judge(configuration, around, list(around.objects), date(2026, 1, 1)).findings == []


def test_built_in_kinds_are_valid(objects: dict[str, dict[str, dict[str, Any]]]) -> None:
    newest = kubernetes_validate.latest_version()
    for item in objects["prod-us"].values():
        if item["kind"] not in OTHERS:
            kubernetes_validate.validate(item, newest, strict=True)


def test_two_regions_differ_in_nothing_but_their_clusters_and_their_nights(
    objects: dict[str, dict[str, dict[str, Any]]],
) -> None:
    europe, america = (
        {key.replace(name, "prod"): item for key, item in objects[name].items()}
        for name in ("prod-eu", "prod-us")
    )
    assert europe.keys() == america.keys()
    specs = [
        key
        for key in europe
        if str(europe[key]).replace("prod-eu", "prod-us") != str(america[key]) and "CronJob" not in key
    ]
    assert specs == ["NetworkPolicy/shop-prod/worker.api-server"]


def test_each_file_of_an_app_is_owned_by_its_team_and_every_other_layer_by_the_platform() -> None:
    """rendered/ follows from the layers, so nobody owns it."""
    teams = {name: app.team for each in load(ROOT).environments.values() for name, app in each.apps.items()}
    layers = ROOT / "environments"
    for path in (path for path in layers.rglob("*.yaml") if path.parent.name != "stacks"):
        app = next((name for name in teams if name in {path.stem, path.parent.name}), None)
        assert owner(path) == f"@example/{teams[app] if app else 'platform'}", path
    assert {owner(path) for path in (ROOT / "files").iterdir()} == {"@example/shop", "@example/observability"}
    assert owner(ROOT / "rendered/qa/apps/shop/deployment-api.yaml") == ""


def owner(path: Path) -> str:
    """Find who owns a file; the last pattern counts, `*` stands for a part of one segment, a folder for all in it.

    Source: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
    """
    found, file = "", f"/{path.relative_to(ROOT).as_posix()}"
    for line in (ROOT / ".github/CODEOWNERS").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern, who = line.split()
        expression = re.escape(pattern).replace(r"\*", "[^/]*") + (".*" if pattern.endswith("/") else "")
        found = who if re.fullmatch(expression, file) else found
    return found


def test_migrations_run_the_image_of_the_release(objects: dict[str, dict[str, dict[str, Any]]]) -> None:
    for name, made in objects.items():
        api = pod(made[f"Deployment/shop-{name}/api"])
        before = {one["name"]: one["image"] for one in api["initContainers"]}
        assert before["migrate"] == api["containers"][0]["image"]
        assert before["envoy"].startswith("docker.io/envoyproxy/envoy:")


def test_it_shows_each_kind_of_thing(objects: dict[str, dict[str, dict[str, Any]]]) -> None:
    made = objects["prod-eu"]
    trainer = pod(made["CronJob/shop-prod-eu/trainer"])["containers"][0]
    assert trainer["resources"]["limits"]["nvidia.com/gpu"] == "1"
    backup = made["ServiceAccount/postgres-prod-eu/backup"]["metadata"]["annotations"]
    assert backup == {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/postgres-backup"}
    assert made["ScaledObject/shop-prod-eu/worker"]["spec"]["minReplicaCount"] == 0
    assert {key for key in made if key.startswith("HTTPRoute")} == {
        "HTTPRoute/shop-prod-eu/api-public",
        "HTTPRoute/shop-prod-eu/api-tenants",
    }
    assert "DaemonSet/observability/collector" in made
    assert "Namespace/observability" not in made
