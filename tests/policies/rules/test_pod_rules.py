"""Every rule about pods: in every kind that carries one it finds what is wrong, where it is, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from policies.check import check
from policies.context import Tier
from policies.rules import POD_RULES
from tests.policies.objects import CARRIERS, LONG_RUNNING, container, context, found, named, pod_spec, server

Change = Callable[[dict[str, Any]], object]


def put(path: str, value: Any) -> Change:
    """Set a value in the spec of a pod; numbers are places in lists."""

    def change(spec: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        node: Any = spec
        for key in parents:
            node = node[int(key)] if key.isdigit() else node.setdefault(key, {})
        node[int(last) if last.isdigit() else last] = value

    return change


def drop(path: str) -> Change:
    """Remove a value from the spec of a pod."""

    def change(spec: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        node: Any = spec
        for key in parents:
            node = node[int(key)] if key.isdigit() else node[key]
        del node[last]

    return change


def aliased(spec: dict[str, Any]) -> None:
    """Name the account by the old name of the field."""
    spec["serviceAccount"] = spec.pop("serviceAccountName")


SECURITY = "containers.0.securityContext"
# Rule, what is done to a clean pod, and where the fault is found.
BREACHES: list[tuple[str, Change, str]] = [
    ("images-are-valid", put("containers.0.image", "App:1.2.3"), "containers[web].image"),
    ("images-are-valid", put("containers.0.image", None), "containers[web].image"),
    ("images-are-valid", put("containers.0.image", 7), "containers[web].image"),
    ("images-are-pinned", put("containers.0.image", "app:latest"), "containers[web].image"),
    ("images-are-pinned", put("initContainers.0.image", "app:latest"), "initContainers[init].image"),
    ("images-are-pinned", put("ephemeralContainers.0.image", "app"), "ephemeralContainers[debug].image"),
    (
        "images-are-pinned",
        put("volumes.0", {"name": "v", "image": {"reference": "a:1"}}),
        "volumes[v].image.reference",
    ),
    ("images-are-valid", put("volumes.0", {"name": "v", "image": {}}), "volumes[v].image.reference"),
    (
        "image-tags-tell-the-truth",
        put("containers.0.image", f"app:latest@sha256:{'0' * 64}"),
        "containers[web].image",
    ),
    ("pods-meet-baseline", put("hostNetwork", True), "hostNetwork"),
    ("pods-meet-baseline", put("hostPID", True), "hostPID"),
    ("pods-meet-baseline", put("hostIPC", True), "hostIPC"),
    ("pods-meet-baseline", put("volumes.0", {"name": "v", "hostPath": {"path": "/"}}), "volumes[v].hostPath"),
    ("pods-meet-baseline", put(f"{SECURITY}.privileged", True), "containers[web].securityContext.privileged"),
    (
        "pods-meet-baseline",
        put("initContainers.0.securityContext.privileged", True),
        "initContainers[init].securityContext.privileged",
    ),
    (
        "pods-meet-baseline",
        put(f"{SECURITY}.capabilities.add", ["SYS_ADMIN"]),
        "containers[web].securityContext.capabilities.add",
    ),
    (
        "pods-meet-baseline",
        put(f"{SECURITY}.procMount", "Unmasked"),
        "containers[web].securityContext.procMount",
    ),
    (
        "pods-meet-baseline",
        put(f"{SECURITY}.seccompProfile", {"type": "Unconfined"}),
        "containers[web].securityContext.seccompProfile.type",
    ),
    (
        "pods-meet-baseline",
        put("securityContext.appArmorProfile", {"type": "Unconfined"}),
        "securityContext.appArmorProfile.type",
    ),
    (
        "pods-meet-baseline",
        put("securityContext.seLinuxOptions", {"type": "spc_t"}),
        "securityContext.seLinuxOptions.type",
    ),
    (
        "pods-meet-baseline",
        put("securityContext.seLinuxOptions", {"user": "u"}),
        "securityContext.seLinuxOptions.user",
    ),
    (
        "pods-meet-baseline",
        put("securityContext.windowsOptions", {"hostProcess": True}),
        "securityContext.windowsOptions.hostProcess",
    ),
    (
        "pods-meet-baseline",
        put("securityContext.sysctls", [{"name": "kernel.msgmax"}]),
        "securityContext.sysctls[kernel.msgmax]",
    ),
    *[
        (
            "sysctls-hold-numbers",
            put("securityContext.sysctls", [{"name": "net.ipv4.ip_local_port_range", "value": value}]),
            "securityContext.sysctls[net.ipv4.ip_local_port_range].value",
        )
        for value in ("1024 65535+kernel.core_pattern=|/x", "1024\nkernel.core_pattern=x", "1 2;x", "0x10")
    ],
    ("pods-meet-baseline", put("containers.0.ports.0.hostPort", 80), "containers[web].ports[http].hostPort"),
    (
        "pods-meet-baseline",
        put("containers.0.livenessProbe.httpGet.host", "x"),
        "containers[web].livenessProbe.httpGet.host",
    ),
    (
        "pods-meet-baseline",
        put("containers.0.lifecycle", {"preStop": {"tcpSocket": {"host": "x"}}}),
        "containers[web].lifecycle.preStop.tcpSocket.host",
    ),
    ("pods-meet-restricted", put("volumes.0", {"name": "v", "nfs": {"server": "x"}}), "volumes[v].nfs"),
    (
        "pods-meet-restricted",
        drop("securityContext.runAsNonRoot"),
        "containers[web].securityContext.runAsNonRoot",
    ),
    ("pods-meet-restricted", put("securityContext.runAsNonRoot", False), "securityContext.runAsNonRoot"),
    ("pods-meet-restricted", put(f"{SECURITY}.runAsUser", 0), "containers[web].securityContext.runAsUser"),
    (
        "pods-meet-restricted",
        drop(f"{SECURITY}.allowPrivilegeEscalation"),
        "containers[web].securityContext.allowPrivilegeEscalation",
    ),
    (
        "pods-meet-restricted",
        put(f"{SECURITY}.capabilities.drop", ["KILL"]),
        "containers[web].securityContext.capabilities.drop",
    ),
    (
        "pods-meet-restricted",
        put(f"{SECURITY}.capabilities.add", ["CHOWN"]),
        "containers[web].securityContext.capabilities.add",
    ),
    (
        "pods-meet-restricted",
        drop("securityContext.seccompProfile"),
        "containers[web].securityContext.seccompProfile",
    ),
    (
        "pods-meet-restricted",
        put("ephemeralContainers.0.securityContext", {}),
        "ephemeralContainers[debug].securityContext.allowPrivilegeEscalation",
    ),
    ("containers-declare-resources", drop("containers.0.resources"), "containers[web].resources"),
    (
        "containers-declare-resources",
        drop("initContainers.0.resources.limits"),
        "initContainers[init].resources",
    ),
    (
        "root-file-systems-are-read-only",
        put(f"{SECURITY}.readOnlyRootFilesystem", False),
        "containers[web].securityContext.readOnlyRootFilesystem",
    ),
    ("pods-have-their-own-account", drop("serviceAccountName"), "serviceAccountName"),
    ("pods-have-their-own-account", put("serviceAccountName", "default"), "serviceAccountName"),
    (
        "tokens-are-mounted-with-a-reason",
        put("volumes.0", {"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}),
        "volumes[v].projected.sources[0].serviceAccountToken",
    ),
    (
        "tokens-are-mounted-with-a-reason",
        drop("automountServiceAccountToken"),
        "automountServiceAccountToken",
    ),
    (
        "tokens-are-mounted-with-a-reason",
        put("automountServiceAccountToken", True),
        "automountServiceAccountToken",
    ),
    (
        "containers-get-credentials-by-reference",
        put("containers.0.env", [{"name": "DB_PASSWORD", "value": "hunter2"}]),
        "containers[web].env[DB_PASSWORD].value",
    ),
    (
        "containers-get-credentials-by-reference",
        put("initContainers.0.args", ["--token=abc123def"]),
        "initContainers[init].args[0]",
    ),
]
SERVER_BREACHES: list[tuple[str, Change, str]] = [
    ("servers-tell-when-ready", drop("containers.0.readinessProbe"), "containers[web].readinessProbe"),
    ("servers-tell-when-alive", drop("containers.0.livenessProbe"), "containers[web].livenessProbe"),
]
# Rule and a change that looks like a breach but is none.
HARMLESS: list[tuple[str, Change]] = [
    ("images-are-pinned", put("containers.0.image", f"app@sha256:{'0' * 64}")),
    ("images-are-valid", put("containers.0.image", "localhost:5000/app:1.2.3")),
    ("image-tags-tell-the-truth", put("containers.0.image", f"app:1.2.3@sha256:{'0' * 64}")),
    ("pods-meet-baseline", put("hostNetwork", False)),
    ("pods-meet-baseline", put("containers.0.ports.0.hostPort", 0)),
    ("pods-meet-baseline", put(f"{SECURITY}.capabilities.add", ["CHOWN"])),
    ("pods-meet-baseline", put("volumes.0", {"name": "v", "hostPath": None, "emptyDir": {}})),
    ("pods-meet-baseline", put("securityContext.sysctls", [{"name": "net.ipv4.tcp_rmem", "value": "1"}])),
    (
        "pods-meet-baseline",
        put("securityContext.seLinuxOptions", {"type": "container_engine_t", "level": "s0"}),
    ),
    ("pods-meet-baseline", put("containers.0.livenessProbe.httpGet.host", "")),
    ("pods-meet-restricted", put(f"{SECURITY}.capabilities.add", ["NET_BIND_SERVICE"])),
    ("pods-meet-restricted", put("volumes.0", {"name": "v"})),
    ("pods-meet-restricted", put(f"{SECURITY}.runAsUser", 1000)),
    (
        "containers-declare-resources",
        put("containers.0.resources", {"limits": {"cpu": "1", "memory": "1Gi"}}),
    ),
    (
        "containers-declare-resources",
        put(
            "containers.0.resources", {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
        ),
    ),
    *[
        (
            "sysctls-hold-numbers",
            put("securityContext.sysctls", [{"name": "net.ipv4.tcp_rmem", "value": value}]),
        )
        for value in ("4096 87380\t629", "8080,9148-9150", "0", "", "-1")
    ],
    ("pods-have-their-own-account", aliased),
    (
        "tokens-are-mounted-with-a-reason",
        put(
            "volumes.0",
            {"name": "v", "projected": {"sources": [{"serviceAccountToken": {"audience": "vault"}}]}},
        ),
    ),
    ("pods-have-their-own-account", put("serviceAccountName", "default-web")),
    (
        "containers-get-credentials-by-reference",
        put("containers.0.env", [{"name": "DB_PASSWORD_FILE", "value": "/run/db"}]),
    ),
]


def changed(change: Change) -> dict[str, Any]:
    """Return the spec of a clean pod with one change."""
    spec = pod_spec()
    change(spec)
    return spec


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize(
    ("rule", "change", "path"), BREACHES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_breach_is_found_at_its_place_in_every_kind(
    carrier: str, rule: str, change: Change, path: str
) -> None:
    """The path leads from the object to the value."""
    make, prefix = CARRIERS[carrier]
    if (
        carrier in ("Rollout", "custom resource")
        and path == "containers[web].image"
        and rule == "images-are-valid"
    ):
        return  # a custom resource whose containers name no image embeds no whole pod: the next test
    assert f"{prefix}.{path}" in [finding.path for finding in found(make(changed(change)), rule)]


@pytest.mark.parametrize("carrier", ["Rollout", "custom resource"])
def test_an_invalid_image_is_found_in_custom_resources(carrier: str) -> None:
    """Only a missing image is not: controllers may fill it in."""
    make, prefix = CARRIERS[carrier]
    findings = found(make(changed(put("containers.0.image", "App:1.2.3"))), "images-are-valid")
    assert [finding.path for finding in findings] == [f"{prefix}.containers[web].image"]


@pytest.mark.parametrize("carrier", LONG_RUNNING)
@pytest.mark.parametrize(
    ("rule", "change", "path"), SERVER_BREACHES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_servers_without_probes_are_found_where_they_run_on(
    carrier: str, rule: str, change: Change, path: str
) -> None:
    """A Deployment's server needs probes."""
    make, prefix = CARRIERS[carrier]
    assert [finding.path for finding in found(make(changed(change)), rule)] == [f"{prefix}.{path}"]


@pytest.mark.parametrize("carrier", ["Job", "CronJob"])
@pytest.mark.parametrize(
    ("rule", "change", "path"), SERVER_BREACHES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_jobs_need_no_probes(carrier: str, rule: str, change: Change, path: str) -> None:
    """Nobody waits for a Job to become ready."""
    del path
    assert found(CARRIERS[carrier][0](changed(change)), rule) == []


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_clean_pod_has_no_findings_in_any_kind(carrier: str, tier: Tier) -> None:
    """No rule raises a false alarm about it."""
    assert check([CARRIERS[carrier][0](pod_spec())], context(tier), complete=False) == []


@pytest.mark.parametrize("carrier", ["Deployment", "CronJob"])
@pytest.mark.parametrize(
    ("rule", "change"), HARMLESS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_only_looks_like_a_breach_is_none(carrier: str, rule: str, change: Change) -> None:
    """A false alarm is a defect as much as a miss."""
    assert found(CARRIERS[carrier][0](changed(change)), rule) == []


BROKEN = {
    "hostNetwork": True,
    "containers": [{"name": "c", "image": "app:latest", "env": [{"name": "TOKEN", "value": "x1y2"}]}],
}
UNRELATED = [
    named("ConfigMap", "v1", data={"pod.yaml": "containers: [{image: 'app:latest'}]"}),
    named("Service", "v1", spec={"selector": {"containers": "x"}, "type": "ClusterIP"}),
    named("ClusterPolicy", "kyverno.io/v1", spec={"rules": [{"validate": {"pattern": {"spec": BROKEN}}}]}),
    named("K8sTags", "constraints.gatekeeper.sh/v1beta1", spec={"parameters": {"spec": BROKEN}}),
    named("Certificate", "cert-manager.io/v1", spec={"secretName": "x", "containers": "none"}),
    {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "x"},
        "spec": {
            "versions": [{"schema": {"properties": {"containers": {"items": {"properties": {"image": {}}}}}}}]
        },
    },
]


@pytest.mark.parametrize("rule", [rule.id for rule in POD_RULES])
@pytest.mark.parametrize("manifest", UNRELATED, ids=lambda manifest: str(manifest["kind"]))
def test_objects_without_pods_are_none_of_these_rules_business(manifest: dict[str, Any], rule: str) -> None:
    """Patterns of other policy engines and schemas only look like pods."""
    assert found(manifest, rule) == []


@pytest.mark.parametrize("kind", ["DeploymentPatch", "CronJobPatch", "PodPatch"])
def test_a_patch_is_judged_by_what_it_says_and_not_by_what_it_leaves_out(kind: str) -> None:
    """Pulumi's patch kinds carry only the changed fields."""
    make, _ = CARRIERS[kind.removesuffix("Patch")]
    patch = make({"containers": [{"name": "web", "image": "app:latest"}]})
    patch["kind"] = kind
    rules = {finding.rule for finding in check([patch], context(), complete=False)}
    assert rules - {"jobs-are-bounded"} == {"images-are-pinned"}


def test_a_container_of_a_patch_may_name_no_image() -> None:
    """It then keeps the one it has."""
    patch = named(
        "DeploymentPatch", "apps/v1", spec={"template": {"spec": {"containers": [{"name": "web"}]}}}
    )
    assert check([patch], context(), complete=False) == []


@pytest.mark.parametrize("broken", [None, "text", 7, [], {}, [None], ["x"], {"a": {}}, [[{}]]], ids=repr)
@pytest.mark.parametrize(
    "path",
    [
        "containers",
        "volumes",
        "securityContext",
        "containers.0.securityContext",
        "containers.0.env",
        "containers.0.ports",
        "containers.0.resources",
        "containers.0.livenessProbe",
        "containers.0.args",
        "securityContext.sysctls",
    ],
)
def test_no_shape_of_input_ends_in_a_traceback(path: str, broken: Any) -> None:
    """What the API server would refuse is no reason to fall over."""
    for make, _ in CARRIERS.values():
        check([make(changed(put(path, copy.deepcopy(broken))))], context(), complete=True)


@pytest.mark.parametrize(
    "broken", [None, "text", 7, [], [None], {"template": None}, {"template": {"spec": 3}}], ids=repr
)
def test_no_spec_ends_in_a_traceback(broken: Any) -> None:
    """Nor does an object without one."""
    for kind, api in (
        ("Deployment", "apps/v1"),
        ("CronJob", "batch/v1"),
        ("Service", "v1"),
        ("NetworkPolicy", "networking.k8s.io/v1"),
        ("Thing", "example.com/v1"),
    ):
        check([named(kind, api, spec=broken)], context(), complete=True)
        check([{"kind": kind, "metadata": broken, "spec": broken}], context(), complete=True)


def test_pods_in_a_user_namespace_may_be_root_but_not_unmask_proc() -> None:
    """Since 1.35 hostUsers: false relaxes the users, and baseline's procMount."""
    make, _ = CARRIERS["Deployment"]
    spec = pod_spec(
        hostUsers=False, securityContext={"runAsUser": 0, "seccompProfile": {"type": "RuntimeDefault"}}
    )
    assert found(make(spec), "pods-meet-restricted") == []
    spec["containers"][0]["securityContext"]["procMount"] = "Unmasked"
    assert found(make(spec), "pods-meet-baseline") == []
    assert [finding.path for finding in found(make(spec), "pods-meet-restricted")] == [
        "spec.template.spec.containers[web].securityContext.procMount"
    ]


def test_windows_pods_are_spared_what_windows_does_not_have() -> None:
    """Their API refuses the Linux fields."""
    spec = pod_spec(os={"name": "windows"})
    spec["containers"] = [container(securityContext={})]
    spec["securityContext"] = {"runAsNonRoot": True}
    del spec["initContainers"], spec["ephemeralContainers"]
    make, _ = CARRIERS["Deployment"]
    assert check([make(spec)], context(), complete=False) == []


def test_a_sidecar_that_waits_for_nobody_needs_no_probe() -> None:
    """Containers without ports serve nobody."""
    make, _ = CARRIERS["Deployment"]
    assert found(make(pod_spec(containers=[server(), container("log")])), "servers-tell-when-ready") == []


SERVICE = {"selector": {"app.kubernetes.io/name": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}


@pytest.mark.parametrize("probe", ["readiness", "liveness"])
def test_leaving_out_the_ports_does_not_replace_a_probe_where_a_service_selects_the_pod(probe: str) -> None:
    manifest = CARRIERS["Deployment"][0](pod_spec(containers=[container()]))
    rule = {"readiness": "servers-tell-when-ready", "liveness": "servers-tell-when-alive"}[probe]

    def judged(*services: dict[str, Any]) -> list[str]:
        findings = check([manifest, *services], context(), complete=False)
        return [finding.path for finding in findings if finding.rule == rule]

    place = f"spec.template.spec.containers[web].{probe}Probe"
    assert judged(named("Service", "v1", spec=SERVICE)) == [place]
    assert judged(named("Service", "v1", spec={"selector": {"app.kubernetes.io/name": "db"}})) == []
    assert judged(named("Service", "v1", spec={"selector": {"app.kubernetes.io/name": "web"}})) == []
    assert judged() == []
    manifest["spec"]["template"]["spec"]["containers"][0][f"{probe}Probe"] = {"exec": {"command": ["true"]}}
    assert judged(named("Service", "v1", spec=SERVICE)) == []


def test_an_account_without_token_speaks_for_its_pods() -> None:
    """A pod that says nothing follows its ServiceAccount where that is among the objects."""
    make, _ = CARRIERS["Deployment"]
    silent = make(changed(drop("automountServiceAccountToken")))
    account = named("ServiceAccount", "v1", automountServiceAccountToken=False)
    assert check([silent, account], context(), complete=False) == []


def test_a_token_with_a_reason_is_no_fault() -> None:
    """The annotation stands on the template."""
    make, _ = CARRIERS["Deployment"]
    manifest = make(pod_spec(automountServiceAccountToken=True))
    manifest["spec"]["template"]["metadata"]["annotations"] = {
        "environments.internal/needs-token": "lists its own pods"
    }
    assert check([manifest], context(), complete=False) == []
