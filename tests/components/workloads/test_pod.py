"""The pod of a workload: security, volumes, placement, spread."""

from pathlib import Path
from typing import Any

from tests.components.rendering import main, pod, render_server, server, template


def _pod(folder: Path, *lines: str) -> dict[str, Any]:
    return pod(server(render_server(folder, *lines)))


def test_users_are_those_of_each_image(tmp_path: Path) -> None:
    spec = _pod(
        tmp_path,
        "security: {user: 33, group: 44}",
        'sidecars: {proxy: {image: "a:1"}, agent: {image: "b:1", security: {user: 55}}}',
    )
    main_one, (proxy, agent) = spec["containers"][0], spec["initContainers"]
    assert "runAsUser" not in spec["securityContext"]
    assert spec["securityContext"]["fsGroup"] == 44
    assert [one["securityContext"].get("runAsUser") for one in (main_one, proxy, agent)] == [33, None, 55]


def test_low_ports_are_opened_by_a_safe_sysctl_whoever_needs_them(tmp_path: Path) -> None:
    sysctls = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    for number, line in enumerate(
        ("security: {bindLowPorts: true}", 'sidecars: {x: {image: "a:1", security: {bindLowPorts: true}}}')
    ):
        assert _pod(tmp_path / str(number), line)["securityContext"]["sysctls"] == sysctls
    assert "sysctls" not in _pod(tmp_path / "none")["securityContext"]


def test_the_root_is_read_only_unless_the_layers_say_otherwise(tmp_path: Path) -> None:
    read_only = [
        _pod(tmp_path / word, f"security: {{writableRoot: {word}}}")["containers"][0]["securityContext"]
        for word in ("false", "true")
    ]
    assert [context["readOnlyRootFilesystem"] for context in read_only] == [True, False]


def test_volumes_of_every_sort(tmp_path: Path) -> None:
    item = server(
        render_server(
            tmp_path,
            "volumes:",
            "  empty: {path: /a, size: 1Gi}",
            "  memory: {path: /b, memory: true}",
            "  claim: {path: /c, claim: shared, readOnly: true}",
            "  map: {path: /d, configMap: other}",
            "  keys: {path: /e, secret: keys}",
            "secrets: {login: {existing: db-login, path: /f}}",
        )
    )
    assert pod(item)["volumes"] == [
        {"name": "empty", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "memory", "emptyDir": {"medium": "Memory"}},
        {"name": "claim", "persistentVolumeClaim": {"claimName": "shared", "readOnly": True}},
        {"name": "map", "configMap": {"name": "other"}},
        {"name": "keys", "secret": {"secretName": "keys"}},
        {"name": "secret-login", "secret": {"secretName": "db-login"}},
    ]
    mounts = main(item)["volumeMounts"]
    assert [mount["mountPath"] for mount in mounts] == ["/a", "/b", "/c", "/d", "/e", "/f"]
    assert [mount["name"] for mount in mounts if mount.get("readOnly")] == ["claim", "secret-login"]


def test_placement_is_node_labels_and_accepted_taints(tmp_path: Path) -> None:
    spec = _pod(tmp_path, "placement: {nodes: {disk: ssd}, tolerations: {dedicated: shop}}")
    assert spec["nodeSelector"] == {"disk": "ssd"}
    assert spec["tolerations"] == [
        {"key": "dedicated", "operator": "Equal", "value": "shop", "effect": "NoSchedule"}
    ]


def test_several_copies_are_spread_over_nodes_or_over_zones_and_nodes(tmp_path: Path) -> None:
    node, zone = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
    for name, lines, keys in (
        ("one", ("replicas: 1",), []),
        ("two", ("replicas: 2",), [node]),
        ("auto", ("autoscale: {min: 1, max: 3, cpu: 70%}",), [node]),
        ("zone", ("replicas: 2", "placement: {spread: zone}"), [zone, node]),
        ("none", ("replicas: 2", "placement: {spread: none}"), []),
    ):
        item = server(render_server(tmp_path / name, *lines))
        constraints = pod(item).get("topologySpreadConstraints", [])
        assert [one["topologyKey"] for one in constraints] == keys, name
        for one in constraints:
            assert one["labelSelector"] == item["spec"]["selector"]
            assert one["whenUnsatisfiable"] == "ScheduleAnyway"


def test_pods_carry_what_selects_them_and_no_token(tmp_path: Path) -> None:
    item = server(render_server(tmp_path, "grace: 5"))
    assert template(item)["metadata"]["labels"] == {
        "app.kubernetes.io/part-of": "shop",
        "environments.internal/environment": "qa",
        "app.kubernetes.io/instance": "shop",
        "app.kubernetes.io/name": "server",
    }
    spec = pod(item)
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["terminationGracePeriodSeconds"] == 5
