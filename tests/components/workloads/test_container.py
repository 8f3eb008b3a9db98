"""The containers of a pod: probes, variables, resources, ports."""

from pathlib import Path
from typing import Any

import pytest

from tests.components.rendering import main, of_kind, pod, render_server, render_shop, server


def _main(folder: Path, *lines: str) -> dict[str, Any]:
    return main(server(render_server(folder, *lines)))


def _probes(folder: Path, *lines: str) -> dict[str, Any]:
    return {key: value for key, value in _main(folder, *lines).items() if key.endswith("Probe")}


def test_without_a_word_the_first_port_must_accept_connections(tmp_path: Path) -> None:
    probes = _probes(tmp_path)
    assert set(probes) == {"readinessProbe", "livenessProbe", "startupProbe"}
    assert {probe["tcpSocket"]["port"] for probe in probes.values()} == {"http"}


def test_liveness_waits_five_minutes_for_the_start(tmp_path: Path) -> None:
    probes = _probes(tmp_path, "probes: {live: {path: /live, period: 20}}")
    start = probes["startupProbe"]
    assert start["httpGet"] == probes["livenessProbe"]["httpGet"] == {"path": "/live", "port": "http"}
    assert start["periodSeconds"] * start["failureThreshold"] == 300
    assert probes["livenessProbe"]["periodSeconds"] == 20


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("probes: none", set()),
        ("probes: {live: none}", {"readinessProbe"}),
        ("probes: {start: none}", {"readinessProbe", "livenessProbe"}),
        ("probes: {ready: none, live: none, start: {path: /}}", {"startupProbe"}),
    ],
)
def test_none_switches_a_question_off(tmp_path: Path, said: str, asked: set[str]) -> None:
    assert set(_probes(tmp_path, said)) == asked


def test_a_port_that_accepts_no_connection_is_not_asked(tmp_path: Path) -> None:
    assert _probes(tmp_path, "ports: {http: null, dns: {number: 53, protocol: UDP}}") == {}
    ready = _probes(tmp_path / "2", "ports: {http: null, dns: {number: 53, protocol: UDP}, web: 80}")
    assert ready["readinessProbe"]["tcpSocket"] == {"port": "web"}


def test_a_command_is_run_in_the_container(tmp_path: Path) -> None:
    ready = _probes(tmp_path, "probes: {ready: {command: [check, -v], delay: 3, timeout: 4}}")[
        "readinessProbe"
    ]
    assert ready["exec"] == {"command": ["check", "-v"]}
    assert (ready["initialDelaySeconds"], ready["timeoutSeconds"]) == (3, 4)


@pytest.mark.parametrize("kind", ["job", "cron, schedule: '@daily'"])
def test_what_ends_is_not_asked_unless_the_layers_say_so(tmp_path: Path, kind: str) -> None:
    objects = render_shop(
        tmp_path, f'workloads: {{other: {{kind: {kind}, image: "a:1", ports: {{http: 80}}}}}}'
    )
    container = main(of_kind(objects, "Job", "CronJob")[0])
    assert not [key for key in container if key.endswith("Probe")]


def test_a_text_may_use_a_secret_since_secrets_come_first(tmp_path: Path) -> None:
    env = _main(
        tmp_path,
        "env: {URL: 'postgres://app:$(PASSWORD)@db', POD: {field: status.podIP}, KEY: {secret: keys, key: a}}",
        "secrets: {db: {existing: db-login, env: {PASSWORD: password}}}",
    )["env"]
    assert env == [
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db-login", "key": "password"}}},
        {"name": "URL", "value": "postgres://app:$(PASSWORD)@db"},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "a"}}},
    ]


def test_memory_is_limited_to_what_is_requested_and_cpu_is_not_limited(tmp_path: Path) -> None:
    assert _main(tmp_path, "resources: {cpu: 100m, memory: 1Gi}")["resources"] == {
        "requests": {"cpu": "100m", "memory": "1Gi"},
        "limits": {"memory": "1Gi"},
    }
    said = _main(tmp_path / "2", "resources: {cpuLimit: 1, memoryLimit: 2Gi}")["resources"]
    assert said["limits"] == {"cpu": "1", "memory": "2Gi"}


def test_command_arguments_and_pull_policy_are_taken_as_they_are(tmp_path: Path) -> None:
    container = _main(tmp_path, "command: [a, b]", "args: ['1', yes]", "pullPolicy: Always")
    assert (container["command"], container["args"]) == (["a", "b"], ["1", "yes"])
    assert container["imagePullPolicy"] == "Always"


def test_the_release_decides_which_image_runs(tmp_path: Path) -> None:
    release = {"releases/qa/shop/server.yaml": "image: registry.example.com/server:9.9.9\n"}
    objects = render_shop(tmp_path, files=release)
    assert main(server(objects))["image"] == "registry.example.com/server:9.9.9"


def test_containers_beside_the_main_one_share_its_volumes(tmp_path: Path) -> None:
    spec = pod(
        server(
            render_server(
                tmp_path,
                "volumes: {work: /work}",
                'init: {first: {image: "a:1", mounts: {work: /a}}, second: {image: "b:1"}}',
                'sidecars: {proxy: {image: "c:1", mounts: {work: /c}, env: {X: y}}}',
            )
        )
    )
    before = spec["initContainers"]
    assert [item["name"] for item in before] == ["proxy", "first", "second"]
    assert [item.get("restartPolicy") for item in before] == ["Always", None, None]
    assert [item.get("volumeMounts") for item in before] == [
        [{"name": "work", "mountPath": "/c"}],
        [{"name": "work", "mountPath": "/a"}],
        None,
    ]
    assert [item["name"] for item in spec["containers"]] == ["server"]
