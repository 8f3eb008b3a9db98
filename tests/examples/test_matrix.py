"""A repository of eleven environments by region, tier and GPU says the same in layers, with nothing verbatim."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from envs.config.load import Configuration
from envs.gates.judgement import judge, judge_releases
from envs.gates.load import load
from envs.gates.rendering import Surroundings, render_around
from policies.context import Level
from tests.components.rendering import main
from tests.examples.matrix import IMAGE, LAYERS, UPSTREAM_LINES, VERSIONS, files, write_matrix

USUAL = {
    "GPU_ENABLED": "1",
    "UI_THEME": "dark",
    "CACHE_SIZE": "1024kb",
    "PAGE_LIMIT": "25",
    "SORTING": "ascending",
    "N_BUCKETS": "42",
}
NON_PROD = {**USUAL, "ENV_TYPE": "non-prod", "PAYPAL_URL": "staging2.paypal.com"}
PROD = {**USUAL, "ENV_TYPE": "production", "PAYPAL_URL": "production.paypal.com"}
# What kustomize makes of the original, by environment: pods and variables.
ORIGINAL: dict[str, tuple[int, dict[str, str]]] = {
    "integration-gpu": (3, {**NON_PROD, "UI_THEME": "light", "PAGE_LIMIT": "50"}),
    "integration-non-gpu": (
        3,
        {**NON_PROD, "GPU_ENABLED": "0", "PAGE_LIMIT": "50", "SORTING": "descending", "N_BUCKETS": "48"},
    ),
    "load-gpu": (4, NON_PROD),
    "load-non-gpu": (4, {**NON_PROD, "GPU_ENABLED": "0"}),
    "prod-asia": (6, {**PROD, "REGION": "asia"}),
    "prod-eu": (8, {**PROD, "REGION": "eu"}),
    "prod-us": (10, {**PROD, "REGION": "us"}),
    "qa": (3, {**NON_PROD, "UI_THEME": "light", "CACHE_SIZE": "2048kb"}),
    "staging-asia": (3, {**NON_PROD, "REGION": "asia"}),
    "staging-eu": (3, {**NON_PROD, "REGION": "eu"}),
    "staging-us": (3, {**NON_PROD, "REGION": "us", "UI_THEME": "light", "N_BUCKETS": "24"}),
}


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    return load(write_matrix(tmp_path_factory.mktemp("matrix")))


@pytest.fixture(scope="module")
def around(configuration: Configuration) -> Surroundings:
    return render_around(configuration, configuration.names)


@pytest.mark.parametrize("name", sorted(ORIGINAL))
def test_each_environment_runs_what_the_original_runs(name: str, around: Surroundings) -> None:
    deployment = _deployment(around, name)
    pods, variables = ORIGINAL[name]
    container = main(deployment)
    said = {entry["name"]: entry["value"] for entry in container["env"] if "value" in entry}
    assert (deployment["spec"]["replicas"], said) == (pods, variables)
    assert container["image"] == f"{IMAGE}:{VERSIONS[name]}"
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert labels["environments.internal/environment"] == name, "the variable ENV reads it"


def test_production_alone_is_asked_for_its_health(around: Surroundings) -> None:
    asked = {
        name
        for name in ORIGINAL
        if main(_deployment(around, name)).get("livenessProbe", {}).get("httpGet", {}).get("path")
        == "/health"
    }
    assert asked == {"prod-asia", "prod-eu", "prod-us"}


def test_no_rule_stops_any_of_them(configuration: Configuration, around: Surroundings) -> None:
    today = date(2026, 1, 1)
    found = [
        *judge(configuration, around, list(configuration.names), today).findings,
        *judge_releases(configuration, today),
    ]
    assert [finding for finding in found if finding.level is Level.MANDATORY] == []


def test_it_takes_a_quarter_of_the_lines_and_no_escape_hatch() -> None:
    texts = [text or "" for text in files().values()]
    assert sum(text.count("\n") for text in texts) < UPSTREAM_LINES / 4
    assert not any(word in text for text in LAYERS.values() for word in ("manifests:", "patch:"))


def _deployment(around: Surroundings, name: str) -> dict[str, Any]:
    (found,) = (each.object for each in around.objects[name] if each.kind == "Deployment")
    return found
