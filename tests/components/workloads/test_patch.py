"""Strategic merge patches on what a workload renders."""

from pathlib import Path
from typing import Any

import pytest

from envs.config.reading.faults import ConfigurationError
from tests.components.rendering import main, pod, render_server, server


def test_a_patch_changes_one_object_and_keeps_the_rest(tmp_path: Path) -> None:
    before = server(render_server(tmp_path / "before"))
    after = server(
        render_server(
            tmp_path / "after",
            "patch: {Deployment: {spec: {minReadySeconds: 5, revisionHistoryLimit: null}}}",
        )
    )
    assert after["spec"]["minReadySeconds"] == 5
    assert "revisionHistoryLimit" not in after["spec"]
    assert after["spec"]["template"] == before["spec"]["template"]


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ("{Deploiment: {spec: {}}}", "did you mean `Deployment`"),
        ("{ConfigMap: {}}", "matches no object of this workload"),
        ("{Deployment: {kind: DaemonSet}}", "must not change"),
        ("{Deployment: {metadata: {name: other}}}", "must not change"),
        ("{Deployment: {metadata: {namespace: null}}}", "must not change"),
        ("{Deployment: {metadata: null}}", "must not change"),
    ],
)
def test_a_patch_that_makes_another_object_is_refused(tmp_path: Path, patch: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        render_server(tmp_path, f"patch: {patch}")


def patched(folder: Path, patch: str, *lines: str) -> dict[str, Any]:
    """Render the Deployment `server` with a patch."""
    return server(render_server(folder, *lines, f"patch: {{Deployment: {patch}}}"))


def containers(patch: str) -> str:
    """Write a patch of the containers of the pod."""
    return f"{{spec: {{template: {{spec: {{containers: [{patch}]}}}}}}}}"


def test_a_patch_of_a_container_keeps_its_image_ports_and_probes(tmp_path: Path) -> None:
    before = main(server(render_server(tmp_path / "before", *SERVING)))
    after = main(patched(tmp_path / "after", containers("{name: server, stdin: true}"), *SERVING))
    assert after == {**before, "stdin": True}
    assert {"image", "ports", "readinessProbe"} <= set(after)


SERVING = ("ports: {http: 8080}", "probes: {ready: /ready}", "env: {LEVEL: info}")


def test_entries_of_lists_are_merged_by_the_keys_of_kubernetes(tmp_path: Path) -> None:
    patch = (
        "{name: server, env: [{name: LEVEL, value: debug}, {name: MORE, value: '1'}],"
        " ports: [{containerPort: 8080, hostPort: 80}, {containerPort: 8080, protocol: UDP}],"
        " volumeMounts: [{mountPath: /scratch, readOnly: true}]}"
    )
    lines = (*SERVING, "volumes: {scratch: /scratch}")
    before = main(server(render_server(tmp_path / "before", *lines)))
    after = main(patched(tmp_path / "after", containers(patch), *lines))

    assert after["env"] == [{"name": "LEVEL", "value": "debug"}, {"name": "MORE", "value": "1"}]
    assert after["ports"] == [
        {**before["ports"][0], "hostPort": 80},
        {"containerPort": 8080, "protocol": "UDP"},
    ]
    (mount,) = [each for each in before["volumeMounts"] if each["mountPath"] == "/scratch"]
    assert {**mount, "readOnly": True} in after["volumeMounts"]
    assert len(after["volumeMounts"]) == len(before["volumeMounts"])


def test_a_list_without_keys_is_replaced(tmp_path: Path) -> None:
    patch = "{spec: {template: {spec: {tolerations: [{key: a, operator: Exists}]}}}}"
    lines = ("placement: {tolerations: {spot: {operator: Exists}}}",)
    assert pod(patched(tmp_path, patch, *lines))["tolerations"] == [{"key": "a", "operator": "Exists"}]


def test_an_entry_can_be_deleted_or_changed_to_another(tmp_path: Path) -> None:
    patch = "{name: server, env: [{name: A, $patch: delete}, {name: B, value: c, valueFrom: null}]}"
    lines = ("env: {A: a, B: {field: metadata.name}}",)
    assert main(patched(tmp_path, containers(patch), *lines))["env"] == [{"name": "B", "value": "c"}]


def test_a_container_of_the_patch_alone_is_added(tmp_path: Path) -> None:
    patch = containers("{name: extra, image: registry.example.com/extra:1.0.0}")
    names = [each["name"] for each in pod(patched(tmp_path, patch))["containers"]]
    assert names == ["server", "extra"]


@pytest.mark.parametrize(
    ("patch", "place", "message"),
    [
        (
            containers("{name: server, image: registry.example.com/server:1.0.0}"),
            "Deployment.spec.template.spec.containers.0.image",
            "in environments/releases/qa/shop/server.yaml",
        ),
        (
            containers("{name: server, image: null}"),
            "Deployment.spec.template.spec.containers.0.image",
            "write it as `image` of the workload",
        ),
        (containers("{name: server, $patch: delete}"), "Deployment", "removes the container server"),
        (containers("{$patch: replace}"), "Deployment", "removes the container server"),
        ("{spec: {template: {spec: {containers: null}}}}", "Deployment", "removes the container server"),
        ("{spec: null}", "Deployment", "removes the container server"),
    ],
)
def test_the_image_of_a_release_is_not_patched(tmp_path: Path, patch: str, place: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        patched(tmp_path, patch)
    assert f"apps.shop.workloads.server.patch.{place}: " in str(caught.value)
    assert message in str(caught.value)


def test_the_image_of_a_sidecar_is_not_patched_either(tmp_path: Path) -> None:
    patch = "{spec: {template: {spec: {initContainers: [{name: log, image: other}]}}}}"
    with pytest.raises(ConfigurationError, match="`image` of the container log in `init` or `sidecars`"):
        patched(tmp_path, patch, "sidecars: {log: {image: registry.example.com/log:1.0.0}}")


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (containers("{stdin: true}"), "containers.0: does not say which entry of the list it is; write name"),
        (containers("{name: other, $patch: delete}"), "no such entry to delete; there are server"),
        (containers("{name: server, $patch: remove}"), "is not one of merge, replace, delete"),
        (containers("{name: server, $patch: replace}"), "replaces no single entry; set its fields to null"),
        (containers("{name: server, $retainKeys: [name]}"), "this directive is not supported"),
        ("{spec: {template: {spec: {tolerations: [{$patch: delete}]}}}}", "is replaced as a whole"),
        ("{$patch: delete}", "removes the whole object"),
    ],
)
def test_a_patch_that_means_nothing_is_a_fault_at_its_place(tmp_path: Path, patch: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        patched(tmp_path, patch)
    assert message in str(caught.value)
    assert str(caught.value).startswith("environments/qa.yaml:6:")
