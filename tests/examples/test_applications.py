"""The repositories of examples/sample-app and examples/refused: one conforms, the other does not."""

from __future__ import annotations

from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it ships no types
import pytest
import yaml

from components.render import render
from envs.config.load import load
from kube.image import parse_image
from policies.tags import UNIQUE, TagClass, classify
from tests.tree import SAMPLE, TREE

EXAMPLES = TREE / "examples"


def read(example: str) -> dict[str, dict[str, Any]]:
    """Objects of an example, by kind."""
    files = sorted((EXAMPLES / example / "deploy").glob("*.yaml"))
    return {item["kind"]: item for file in files for item in yaml.safe_load_all(file.read_text())}


def container(example: str) -> dict[str, Any]:
    pod = read(example)["Deployment"]["spec"]["template"]["spec"]
    found: dict[str, Any] = pod["containers"][0]
    return found


@pytest.mark.parametrize("example", ["sample-app", "refused"])
def test_objects_are_valid_kubernetes(example: str) -> None:
    for item in read(example).values():
        kubernetes_validate.validate(item, kubernetes_validate.latest_version(), strict=True)


def test_the_sample_holds_only_kinds_that_its_app_may_hold() -> None:
    source = load(SAMPLE).environment("qa").apps["sample"].source
    assert source is not None
    kinds = {
        f"{item['apiVersion'].rpartition('/')[0]}/{item['kind']}".strip("/")
        for item in read("sample-app").values()
    }
    assert kinds == {"ConfigMap", "Service", "apps/Deployment"}
    assert kinds <= set(source.kinds)


def test_the_fence_around_the_sample_fits_its_pods() -> None:
    configuration = load(SAMPLE)
    fence = {
        manifest.id: manifest.object
        for manifest in render(configuration.environment("qa"), configuration.contents, {})
    }
    template = read("sample-app")["Deployment"]["spec"]["template"]
    policy = fence["NetworkPolicy/sample-qa/visitors-ingress"]["spec"]
    assert policy["podSelector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    assert policy["ingress"][0]["ports"][0]["port"] == container("sample-app")["ports"][0]["containerPort"]
    assert f"ServiceAccount/sample-qa/{template['spec']['serviceAccountName']}" in fence


def test_the_sample_passes_pod_security_restricted() -> None:
    pod = read("sample-app")["Deployment"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container("sample-app")["securityContext"]["allowPrivilegeEscalation"] is False
    assert container("sample-app")["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert {key for volume in pod["volumes"] for key in volume} == {"name", "configMap", "emptyDir"}


def test_the_sample_runs_an_image_that_never_moves_and_the_other_does_not() -> None:
    assert classify(parse_image(container("sample-app")["image"]), {}) in UNIQUE
    assert classify(parse_image(container("refused")["image"]), {}) is TagClass.PARTIAL


def test_the_refused_application_asks_for_no_security_context() -> None:
    pod = read("refused")["Deployment"]["spec"]["template"]["spec"]
    assert "securityContext" not in pod
    assert "securityContext" not in container("refused")
