"""What holds for every valid environment, whatever its layers say."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from kube.yaml.write import to_yaml
from tests.components.fence.reachability import Pod, allowed
from tests.components.generated import environments
from tests.components.rendering import Objects, of_kind, render_root, template, templates
from tests.roots import make_root
from tests.tree import SAMPLE

ROOT = SAMPLE
CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet")
# A render takes some milliseconds, and a busy machine makes them many.
pytestmark = pytest.mark.slow

several = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _render(layer: dict[str, Any]) -> Objects:
    with tempfile.TemporaryDirectory() as folder:
        text = yaml.safe_dump(layer, allow_unicode=True, sort_keys=False)
        files = {"base.yaml": None, "qa.yaml": text, "site/index.html": "hello"}
        return render_root(make_root(Path(folder), files))


def _matching(objects: Objects, namespace: str, selector: dict[str, Any]) -> set[str]:
    """Workloads whose pods a selector selects."""
    wanted = selector.get("matchLabels", selector).items()
    return {
        found["metadata"]["labels"]["app.kubernetes.io/name"]
        for place, found in templates(objects)
        if place == namespace and wanted <= found["metadata"]["labels"].items()
    }


@several
@given(layer=environments())
def test_every_selector_matches_the_pods_of_one_workload(layer: dict[str, Any]) -> None:
    objects = _render(layer)
    for item in of_kind(objects, *CONTROLLERS, "Service", "PodDisruptionBudget"):
        metadata = item["metadata"]
        found = _matching(objects, metadata["namespace"], item["spec"]["selector"])
        assert found == {metadata["labels"]["app.kubernetes.io/name"]}
    for item in of_kind(objects, *CONTROLLERS):
        selected = item["spec"]["selector"]["matchLabels"].items()
        assert selected <= template(item)["metadata"]["labels"].items()


@several
@given(layer=environments())
def test_every_reference_leads_to_an_object(layer: dict[str, Any]) -> None:
    objects = _render(layer)
    for item in of_kind(objects, "HorizontalPodAutoscaler"):
        target = item["spec"]["scaleTargetRef"]
        controller = objects[f"{target['kind']}/{item['metadata']['namespace']}/{target['name']}"]
        assert "replicas" not in controller["spec"]
    for item in of_kind(objects, "StatefulSet"):
        service = objects[f"Service/{item['metadata']['namespace']}/{item['spec']['serviceName']}"]
        assert service["spec"]["clusterIP"] == "None"
    for namespace, found in templates(objects):
        assert f"ServiceAccount/{namespace}/{found['spec']['serviceAccountName']}" in objects
        for volume in found["spec"].get("volumes", []):
            if "configMap" in volume:
                assert f"ConfigMap/{namespace}/{volume['configMap']['name']}" in objects
    for item in of_kind(objects, "Service"):
        workload = next(
            found
            for place, found in templates(objects)
            if place == item["metadata"]["namespace"]
            and item["spec"]["selector"].items() <= found["metadata"]["labels"].items()
        )
        offered = {port["name"] for port in workload["spec"]["containers"][0].get("ports", [])}
        assert {port["targetPort"] for port in item["spec"].get("ports", [])} <= offered


@several
@given(layer=environments())
def test_pods_connect_where_a_flow_says_so_and_nowhere_else(layer: dict[str, Any]) -> None:
    policies = of_kind(_render(layer), "NetworkPolicy")
    declared = {flow["port"] for app in layer["apps"].values() for flow in app["flows"].values()}
    everyone = [(app, name) for app, body in layer["apps"].items() for name in body["workloads"]]
    for source in everyone:
        for target in everyone:
            for port in [*declared, 7]:
                connects = allowed(policies, _pod(*source), _pod(*target), port)
                assert connects == _is_declared(layer, source, target, port), (source, target, port)


def _pod(app: str, workload: str) -> Pod:
    return Pod(f"{app}-qa", {"app.kubernetes.io/name": workload, "app.kubernetes.io/instance": app})


def _is_declared(layer: dict[str, Any], source: tuple[str, str], target: tuple[str, str], port: int) -> bool:
    """Whether the layers let a pod connect to another."""
    if source[0] == target[0] and layer["apps"][source[0]]["isolation"] == "namespace":
        return True
    flows = [(own, flow) for own, app in layer["apps"].items() for flow in app["flows"].values()]
    return any(
        flow["port"] == port and _is_end(flow["from"], own, source) and _is_end(flow["to"], own, target)
        for own, flow in flows
    )


def _is_end(end: dict[str, str], own: str, pod: tuple[str, str]) -> bool:
    return end.get("app", own) == pod[0] and end.get("workload", pod[1]) == pod[1]


@several
@given(layer=environments())
def test_every_pod_passes_restricted(layer: dict[str, Any]) -> None:
    for _, found in templates(_render(layer)):
        assert [*_violations(found["spec"])] == []


_FORBIDDEN = ("hostNetwork", "hostPID", "hostIPC")
_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
_SYSCTLS = {
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
}  # fmt: skip


def _violations(pod: dict[str, Any]) -> Iterator[str]:
    """Check every field of https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted."""
    whole = pod.get("securityContext", {})
    yield from (field for field in _FORBIDDEN if pod.get(field))
    yield from (
        volume["name"] for volume in pod.get("volumes", []) if not (set(volume) - {"name"}) <= _VOLUMES
    )
    yield from (one["name"] for one in whole.get("sysctls", []) if one["name"] not in _SYSCTLS)
    for container in [*pod.get("initContainers", []), *pod["containers"]]:
        yield from (f"{container['name']}: {what}" for what in _container_violations(container, whole))


def _container_violations(container: dict[str, Any], pod: dict[str, Any]) -> Iterator[str]:
    own = container.get("securityContext", {})
    merged = {**pod, **own}
    if own.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    if own.get("capabilities") != {"drop": ["ALL"]}:
        yield "keeps capabilities"
    if merged.get("runAsNonRoot") is not True or merged.get("runAsUser") == 0:
        yield "runs as root"
    if merged.get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"}:
        yield "has no seccomp profile"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield "has a port of the node"
    if {"procMount", "seLinuxOptions", "windowsOptions", "appArmorProfile"} & merged.keys():
        yield "changes what confines it"


@several
@given(layer=environments())
def test_the_same_layers_give_the_same_bytes(layer: dict[str, Any]) -> None:
    assert [*map(to_yaml, _render(layer).values())] == [*map(to_yaml, _render(layer).values())]


PROGRAM = """
import sys
from pathlib import Path
from kube.yaml.write import to_yaml
from envs.gates.rendering import render_environment
from envs.config.load import load

configuration = load(Path(sys.argv[1]))
for name in configuration.environments:
    for item in render_environment(configuration, name):
        sys.stdout.buffer.write(to_yaml(item.object).encode())
"""


def test_processes_with_other_hash_seeds_give_the_same_bytes() -> None:
    first, second = (
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(ROOT)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "4711")
    )
    assert first
    assert first == second
