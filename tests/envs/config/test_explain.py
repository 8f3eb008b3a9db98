"""What `explain` says of a path: the value, where it is written, and what every layer said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.config.explain import Explanation, Said, explain
from envs.config.load import load
from envs.config.reading.faults import ConfigurationError
from kube.yaml.origin import Origin
from tests.roots import BASE, make_root

QA = """\
tier: test
extends: middle
apps:
  shop:
    quota: {cpu: 3}
    limits: none
    workloads:
      server:
        ports: {http: 9090}
        grace: null
        env: {MODE: {text: fast}}
        config: {/etc/app.conf: "a=1"}
  gone: null
teams: {web: {groups: {view: readers, deploy: [one, two]}}}
"""
MIDDLE = """\
apps:
  shop:
    quota: {cpu: 2, pods: 5}
    workloads: {server: {grace: 45, ports: {http: {number: 80, service: 8080}}}}
  gone: {team: web}
"""
FILES = {
    "base.yaml": BASE + "    quota: {cpu: 1}\n",
    "middle.yaml": MIDDLE,
    "qa.yaml": QA,
    "releases/qa/shop/server.yaml": "image: registry.example.com/server:2.0.0\n",
}


def _explain(tmp_path: Path, path: str) -> Explanation:
    return explain(load(make_root(tmp_path, FILES)), "qa", path)


def _chain(explanation: Explanation) -> list[tuple[str, object]]:
    return [(str(said.origin).removeprefix("environments/"), said.value) for said in explanation.said]


def test_a_value_comes_with_every_layer_that_says_it_weakest_first(tmp_path: Path) -> None:
    explanation = _explain(tmp_path, "apps.shop.quota.cpu")
    assert explanation.value == "3"
    assert explanation.origin == Origin("environments/qa.yaml", 5, 18)
    assert not explanation.default
    assert explanation.meaning == "Requested CPU (requests.cpu)."
    assert _chain(explanation) == [
        ("base.yaml:9:18", "1"),
        ("middle.yaml:3:18", "2"),
        ("qa.yaml:5:18", "3"),
    ]


def test_a_mapping_is_the_sum_of_what_the_layers_say(tmp_path: Path) -> None:
    explanation = _explain(tmp_path, "apps.shop.quota")
    assert explanation.value == {
        "cpu": "3",
        "memory": "4Gi",
        "pods": 5,
        "storage": "10Gi",
        "devices": {},
        "loadBalancers": None,
        "nodePorts": None,
    }
    assert [said.value for said in explanation.said] == [
        {"cpu": "1"},
        {"cpu": "2", "pods": "5"},
        {"cpu": "3"},
    ]


def test_a_default_has_no_origin_but_its_documentation(tmp_path: Path) -> None:
    explanation = _explain(tmp_path, "apps.shop.quota.memory")
    assert (explanation.value, explanation.origin, explanation.default) == ("4Gi", None, True)
    assert explanation.meaning == "Requested memory, and memory limits (requests.memory, limits.memory)."


def test_null_is_part_of_the_chain_and_brings_the_default_back(tmp_path: Path) -> None:
    explanation = _explain(tmp_path, "apps.shop.workloads.server.grace")
    assert (explanation.value, explanation.origin, explanation.default) == (30, None, True)
    assert _chain(explanation) == [("middle.yaml:4:33", "45"), ("qa.yaml:10:16", None)]


def test_the_word_none_is_a_value_of_its_own(tmp_path: Path) -> None:
    explanation = _explain(tmp_path, "apps.shop.limits")
    assert (explanation.value, explanation.default) == ("none", False)
    assert _chain(explanation) == [("qa.yaml:6:13", "none")]
    above = _explain(tmp_path, "apps.shop").value
    assert (above["limits"], above["source"]) == ("none", None)
    probes = _explain(tmp_path, "apps.shop.workloads.server.probes").value
    assert probes == {"ready": None, "live": None, "start": None}  # nobody has switched them off


def test_a_null_in_a_patch_is_a_value(tmp_path: Path) -> None:
    """It removes a field of the object, and nothing of a weaker layer."""
    patch = "patch: {Deployment: {spec: {paused: null}}}"
    files = {**FILES, "qa.yaml": QA.replace("grace: null", patch)}
    path = "apps.shop.workloads.server.patch.Deployment.spec.paused"
    explanation = explain(load(make_root(tmp_path, files)), "qa", path)
    assert (explanation.value, explanation.default) == (None, False)
    assert [(said.value, said.removes) for said in explanation.said] == [(None, False)]


def test_what_a_layer_removed_is_explained_by_the_null_above_it(tmp_path: Path) -> None:
    explanation = _explain(tmp_path, "apps.gone.team")
    assert (explanation.value, explanation.default) == (None, False)
    assert explanation.said[-1] == Said(
        Origin("environments/qa.yaml", 13, 9), "apps.gone", None, removes=True
    )


def test_a_short_form_says_its_field(tmp_path: Path) -> None:
    explanation = _explain(tmp_path, "apps.shop.workloads.server.ports.http.number")
    assert explanation.value == 9090
    assert _chain(explanation) == [
        ("base.yaml:8:23", "8080"),
        ("middle.yaml:4:60", "80"),
        ("qa.yaml:9:23", "9090"),
    ]


def test_a_short_form_replaces_what_weaker_layers_say_of_the_other_fields(tmp_path: Path) -> None:
    explanation = _explain(tmp_path, "apps.shop.workloads.server.ports.http.service")
    assert (explanation.value, explanation.origin, explanation.default) == (None, None, True)
    assert explanation.said[-1].path == "apps.shop.workloads.server.ports.http"


def test_a_release_is_the_strongest_layer(tmp_path: Path) -> None:
    explanation = _explain(tmp_path, "apps.shop.workloads.server.release.image")
    assert explanation.value == "registry.example.com/server:2.0.0"
    assert explanation.origin == Origin("environments/releases/qa/shop/server.yaml", 1, 8)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("apps.shop.workloads.server.config[/etc/app.conf].text", "a=1"),
        ('apps.shop.workloads.server.config["/etc/app.conf"]', {"text": "a=1"}),
        ("apps.shop.workloads.server.env.MODE.text", "fast"),
        ("teams.web.groups.deploy.1", "two"),
        ("teams.web.groups.view.0", "readers"),
        ("name", "qa"),
    ],
)
def test_paths_reach_keys_with_dots_short_forms_and_items_of_lists(
    path: str, value: object, tmp_path: Path
) -> None:
    explanation = _explain(tmp_path, path)
    shown = explanation.value
    assert (
        shown if not isinstance(shown, dict) else {key: each for key, each in shown.items() if each}
    ) == value


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("apps.shp.quota", "apps.shp: there is no such value; did you mean `shop`?"),
        ("apps.shop.quotas", "apps.shop.quotas: there is no such value; did you mean `quota`?"),
        (
            "apps.shop.quota.x.y",
            (
                "apps.shop.quota.x: there is no such value; known here are cpu, memory, pods, storage, devices, "
                "loadBalancers, nodePorts"
            ),
        ),
        (
            "apps.shop.quota.cpu.x",
            "apps.shop.quota.cpu.x: there is nothing below apps.shop.quota.cpu, which is a single value",
        ),
        ("gitops.image", "gitops.image: there is nothing below gitops, which is not set"),
        ("", '"" is not a path; write it like apps.shop.quota.cpu'),
        ("apps..x", '"apps..x" is not a path at character 6; write apps.shop.config[/etc/app.conf]'),
    ],
)
def test_an_unknown_path_is_a_fault_with_a_suggestion(path: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _explain(tmp_path, path)
    assert [str(each) for each in caught.value.faults] == [f"environments/qa.yaml:1:1: {fault}"]


def test_an_unknown_environment_is_a_fault_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        explain(load(make_root(tmp_path)), "qaa", "tier")
    assert "there is no such environment (there are qa); did you mean `qa`?" in str(caught.value)
