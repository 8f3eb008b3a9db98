"""What layers write as it is fits the Kubernetes of the environment; a fault is at the line that says it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from envs.config.load import load
from envs.gates.judgement import judge
from envs.gates.rendering import render_around
from gitops.objects import DesiredObject, key_of
from gitops.run import gate
from gitops.settings import parse
from kube.yaml.origin import Origin
from tests.command import envs
from tests.roots import in_server, in_shop, make_root

TODAY = date(2026, 1, 1)
RULE = "objects-fit-kubernetes"


def found(folder: Path, text: str) -> list[str]:
    """Return where qa does not fit Kubernetes, and why."""
    configuration = load(make_root(folder, {"qa.yaml": text}))
    judged = judge(configuration, render_around(configuration, ["qa"]), ["qa"], TODAY)
    return [f"{each.origin} {each.path}: {each.message}" for each in judged.findings if each.rule == RULE]


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ("{spec: {replicas: three}}", "6:46 spec.replicas: is text; write a whole number without quotes"),
        ("{spec: {replica: 3}}", "6:45 spec.replica: there is no such field in Kubernetes 1.37"),
        ("{spec: {paused: true, pause: true}}", "6:49 spec.pause: there is no such field"),
        (
            "{spec: {template: {spec: {containers: [{name: server, stdn: true}]}}}}",
            "6:81 spec.template.spec.containers[server].stdn: there is no such field",
        ),
        (
            "{spec: {template: {spec: {containers: [{name: server, imagePullPolicy: always}]}}}}",
            '"always" is not one of Always, IfNotPresent, Never; did you mean `Always`?',
        ),
    ],
)
def test_a_patch_that_kubernetes_would_refuse_is_found(tmp_path: Path, patch: str, expected: str) -> None:
    (fault,) = found(tmp_path, in_server(f"patch: {{Deployment: {patch}}}"))
    assert fault.startswith("environments/qa.yaml:6:")
    assert expected.partition(" ")[2] in fault


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dat: {a: b}}",
            "dat: there is no such field in Kubernetes 1.37; did you mean `data`?",
        ),
        (
            "{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {}}",
            "apiVersion: Kubernetes 1.37 has no PodDisruptionBudget in policy/v1beta1; write policy/v1",
        ),
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: A_b}}",
            'metadata.name: "A_b" is not a DNS subdomain',
        ),
        (
            "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {accessModes: null}}",
            "",
        ),
        (
            "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{name: b}]}}",
            "spec.ports[b].port: is missing; Kubernetes requires it",
        ),
    ],
)
def test_an_object_that_kubernetes_would_refuse_is_found(tmp_path: Path, item: str, expected: str) -> None:
    faults = found(tmp_path, in_shop(f"manifests: {{one: {item}}}"))
    assert len(faults) == bool(expected)
    for fault in faults:
        assert fault.startswith("environments/qa.yaml:4:")
        assert expected in fault


def test_an_affinity_is_checked_since_layers_write_it_as_it_is(tmp_path: Path) -> None:
    (fault,) = found(tmp_path, in_server("placement: {affinity: {nodeAfinity: {}}}"))
    assert "affinity.nodeAfinity: there is no such field" in fault


def test_the_version_of_the_cluster_decides(tmp_path: Path) -> None:
    item = "{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: Ingress, metadata: {name: a}}"
    (fault,) = found(tmp_path, f'{in_shop(f"manifests: {{one: {item}}}")}cluster: {{version: "1.33"}}\n')
    assert "Kubernetes 1.33 has no Ingress in flowcontrol.apiserver.k8s.io/v1" in fault


def test_an_exemption_by_object_is_possible(tmp_path: Path) -> None:
    exemption = (
        f"policies: {{exemptions: {{new: {{rule: {RULE}, object: ConfigMap/shop-qa/a, because: b, "
        'until: "2026-02-01"}}}\n'
    )
    item = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, new: {}}"
    assert found(tmp_path, in_shop(f"manifests: {{one: {item}}}") + exemption) == []


def test_files_are_checked_too_each_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndat: {}\n")

    done = envs("check", "--manifests", str(file), root=tmp_path)

    assert done.code == 1
    assert f"{file}:4:1: mandatory: ConfigMap/b/a dat: there is no such field" in done.out


def test_the_job_refuses_the_same_by_its_settings(tmp_path: Path) -> None:
    layer = """\
tier: test
cluster: {apiServer: 10.0.0.1/32, version: "1.34"}
gitops: {image: "registry.example.com/gitops:1.0.0", repo: "https://git.example.com/environments.git"}
apps: {shop: {delivery: pull}}
"""
    configuration = load(make_root(tmp_path, {"qa.yaml": layer}))
    objects = {each.id: each.object for each in render_around(configuration, ["qa"]).objects["qa"]}
    settings = parse(objects["ConfigMap/gitops-qa/settings"]["data"]["settings.yaml"], "settings.yaml")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "dat": {}}

    (fault,) = gate.judge(
        settings, "shop-qa", [DesiredObject(key_of(body), body, Origin("a.yaml", 3, 1))], TODAY
    )

    assert str(fault).startswith(
        "a.yaml:3:1: ConfigMap/shop-qa/a dat: there is no such field in Kubernetes 1.34"
    )
