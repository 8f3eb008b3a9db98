"""Rules over objects without pods: a violating, a clean and an unrelated case each."""

from __future__ import annotations

from typing import Any

import pytest

from policies.context import Tier
from policies.rules import OBJECT_RULES
from tests.policies.objects import CARRIERS, cron_job, found, job, named, pod_spec


def role(kind: str = "Role", group: str = "", **rule: Any) -> dict[str, Any]:
    """Make a role with one rule."""
    return named(kind, "rbac.authorization.k8s.io/v1", rules=[{"apiGroups": [group], **rule}])


def labelled(manifest: dict[str, Any], **labels: str) -> dict[str, Any]:
    """Label an object."""
    manifest["metadata"]["labels"] = labels
    return manifest


def ingress(*hosts: str, **spec: Any) -> dict[str, Any]:
    """Make an Ingress with a certificate for each host."""
    rules = [{"host": host} for host in hosts]
    return named(
        "Ingress", "networking.k8s.io/v1", spec={"rules": rules, "tls": [{"hosts": [*hosts]}], **spec}
    )


def annotated(manifest: dict[str, Any], key: str) -> dict[str, Any]:
    """Annotate an object."""
    manifest["metadata"]["annotations"] = {key: "x"}
    return manifest


def egress(cidr: str, ports: list[dict[str, Any]] | None, **block: Any) -> dict[str, Any]:
    """Open a block of addresses."""
    rule = {"to": [{"ipBlock": {"cidr": cidr, **block}}], **({} if ports is None else {"ports": ports})}
    return named("NetworkPolicy", "networking.k8s.io/v1", spec={"policyTypes": ["Egress"], "egress": [rule]})


def service(**spec: Any) -> dict[str, Any]:
    """Make a Service."""
    return named("Service", "v1", spec=spec)


ADMISSION, RBAC = "admissionregistration.k8s.io", "rbac.authorization.k8s.io/v1"
AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"
HTTPS = {"port": 443, "protocol": "TCP"}
WEBHOOK = {"name": "w", "clientConfig": {"url": "https://example.com"}}


def binding(kind: str = "RoleBinding", **fields: Any) -> dict[str, Any]:
    """Make a binding to a role of its own."""
    usual = {
        "roleRef": {"kind": "Role", "name": "web"},
        "subjects": [{"kind": "ServiceAccount", "name": "web"}],
    }
    return named(kind, "rbac.authorization.k8s.io/v1", **{**usual, **fields})


def without(manifest: dict[str, Any], *path: str) -> dict[str, Any]:
    """Remove one value."""
    node = manifest
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    return manifest


BOTH = ("Role", "ClusterRole")
BREACHES: list[tuple[str, dict[str, Any], str]] = [
    *[
        ("roles-list-what-they-grant", role(kind, resources=["*"], verbs=["get"]), "rules[0].resources")
        for kind in BOTH
    ],
    ("roles-list-what-they-grant", role(resources=["pods"], verbs=["*"]), "rules[0].verbs"),
    (
        "roles-list-what-they-grant",
        role("ClusterRole", nonResourceURLs=["/*"], verbs=["get"]),
        "rules[0].nonResourceURLs",
    ),
    ("roles-do-not-escalate", role(resources=["roles"], verbs=["escalate"]), "rules[0].verbs"),
    ("roles-do-not-escalate", role(resources=["clusterroles"], verbs=["bind"]), "rules[0].verbs"),
    # Kyverno's policy of this purpose looks at roles only, and lets these pass.
    *[
        (
            "roles-do-not-escalate",
            role("ClusterRole", resources=[what], verbs=["impersonate"]),
            "rules[0].verbs",
        )
        for what in ("users", "groups", "serviceaccounts")
    ],
    (
        "roles-do-not-escalate",
        role("ClusterRole", ADMISSION, resources=["validatingwebhookconfigurations"], verbs=["create"]),
        "rules[0].resources",
    ),
    *[
        (
            "roles-do-not-escalate",
            role("ClusterRole", group, resources=[what], verbs=[verb]),
            "rules[0].resources",
        )
        for group, what, verb in (
            (ADMISSION, "mutatingwebhookconfigurations", "delete"),
            (ADMISSION, "validatingadmissionpolicies", "deletecollection"),
            ("", "namespaces", "patch"),
            ("", "namespaces", "update"),
            ("", "pods", "create"),
            ("", "persistentvolumes", "create"),
            ("*", "pods", "create"),
        )
    ],
    *[
        (
            "roles-stay-by-themselves",
            labelled(role("ClusterRole", resources=["pods"], verbs=["get"]), **{AGGREGATE + to: "true"}),
            f"metadata.labels[{AGGREGATE}{to}]",
        )
        for to in ("admin", "edit", "view")
    ],
    (
        "roles-stay-by-themselves",
        named("ClusterRole", RBAC, aggregationRule={"clusterRoleSelectors": [{}]}),
        "aggregationRule.clusterRoleSelectors[0]",
    ),
    *[
        (
            "roles-read-named-secrets-only",
            role(kind, resources=["secrets"], verbs=["list"]),
            "rules[0].resources",
        )
        for kind in BOTH
    ],
    ("roles-open-no-shell", role(resources=["pods/exec"], verbs=["create"]), "rules[0].resources"),
    (
        "roles-open-no-shell",
        role("ClusterRole", resources=["nodes/proxy"], verbs=["get"]),
        "rules[0].resources",
    ),
    (
        "roles-create-no-tokens",
        role(resources=["serviceaccounts/token"], verbs=["create"]),
        "rules[0].resources",
    ),
    *[
        (
            "bindings-avoid-cluster-admin",
            binding(kind, roleRef={"kind": "ClusterRole", "name": "cluster-admin"}),
            "roleRef.name",
        )
        for kind in ("RoleBinding", "ClusterRoleBinding")
    ],
    *[
        (
            "bindings-name-who-they-mean",
            binding(subjects=[{"kind": kind, "name": name}]),
            f"subjects[{name}].name",
        )
        for kind, name in (
            ("Group", "system:authenticated"),
            ("Group", "system:masters"),
            ("User", "system:anonymous"),
            ("User", "system:serviceaccount:kube-system:replicaset-controller"),
            ("User", "system:kube-controller-manager"),
        )
    ],
    ("services-stay-inside", named("Service", "v1", spec={"type": "NodePort"}), "spec.type"),
    ("services-stay-inside", named("Service", "v1", spec={"type": "LoadBalancer"}), "spec.type"),
    ("services-stay-inside", named("Service", "v1", spec={"externalIPs": ["192.0.2.1"]}), "spec.externalIPs"),
    (
        "jobs-are-bounded",
        without(job(pod_spec()), "spec", "activeDeadlineSeconds"),
        "spec.activeDeadlineSeconds",
    ),
    (
        "jobs-are-bounded",
        without(cron_job(pod_spec()), "spec", "concurrencyPolicy"),
        "spec.concurrencyPolicy",
    ),
    (
        "jobs-are-bounded",
        without(cron_job(pod_spec()), "spec", "startingDeadlineSeconds"),
        "spec.startingDeadlineSeconds",
    ),
    (
        "jobs-are-bounded",
        without(cron_job(pod_spec()), "spec", "jobTemplate", "spec", "activeDeadlineSeconds"),
        "spec.jobTemplate.spec.activeDeadlineSeconds",
    ),
    *[
        ("external-names-are-outside", service(type="ExternalName", externalName=name), "spec.externalName")
        for name in (
            "169.254.169.254",
            "metadata.google.internal",
            "localhost",
            "api.shop-qa.svc.cluster.local",
            "api.shop-qa.svc",
            "fd00:ec2::254",
            "2852039166",
        )
    ],
    ("endpoints-come-from-selectors", named("Endpoints", "v1", subsets=[{"addresses": []}]), "subsets"),
    (
        "endpoints-come-from-selectors",
        named("EndpointSlice", "discovery.k8s.io/v1", endpoints=[{"addresses": ["10.0.0.1"]}]),
        "endpoints",
    ),
    ("ingresses-name-their-hosts", ingress(rules=[{"http": {"paths": []}}]), "spec.rules[0].host"),
    ("ingresses-name-their-hosts", ingress("a.example.com", "*"), "spec.rules[1].host"),
    ("ingresses-name-their-hosts", ingress(defaultBackend={"service": {}}), "spec.defaultBackend"),
    *[
        (
            "ingresses-bring-no-configuration",
            annotated(ingress("a.example.com"), key),
            f"metadata.annotations[{key}]",
        )
        for key in (
            "nginx.ingress.kubernetes.io/server-snippet",
            "nginx.ingress.kubernetes.io/configuration-snippet",
            "nginx.ingress.kubernetes.io/auth-snippet",
            "nginx.ingress.kubernetes.io/modsecurity-snippet",
            "nginx.org/location-snippets",
            "nginx.org/server-snippets",
        )
    ],
    ("flows-avoid-metadata", egress("0.0.0.0/0", [HTTPS]), "spec.egress[0].to[0].ipBlock"),
    ("flows-avoid-metadata", egress("169.254.0.0/16", [HTTPS]), "spec.egress[0].to[0].ipBlock"),
    ("flows-avoid-metadata", egress("fd00::/8", [HTTPS]), "spec.egress[0].to[0].ipBlock"),
    *[
        (
            "volumes-stay-off-nodes",
            named("PersistentVolume", "v1", spec={source: {"path": "/"}}),
            f"spec.{source}",
        )
        for source in ("hostPath", "local")
    ],
    *[
        (
            "webhooks-stay-inside",
            named(kind, f"{ADMISSION}/v1", webhooks=[WEBHOOK]),
            "webhooks[w].clientConfig.url",
        )
        for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
    ],
    (
        "webhooks-stay-inside",
        named(
            "CustomResourceDefinition", "apiextensions.k8s.io/v1", spec={"conversion": {"webhook": WEBHOOK}}
        ),
        "spec.conversion.webhook.clientConfig.url",
    ),
    ("accounts-keep-their-tokens", named("ServiceAccount", "v1"), "automountServiceAccountToken"),
    ("tokens-expire", named("Secret", "v1", type="kubernetes.io/service-account-token"), "type"),
    ("config-holds-no-credentials", named("ConfigMap", "v1", data={"password": "hunter2"}), "data[password]"),
    (
        "config-holds-no-credentials",
        named("ConfigMap", "v1", data={"app.yaml": "db:\n  password: hunter2\n"}),
        "data[app.yaml]",
    ),
    (
        "config-holds-no-credentials",
        named("ConfigMap", "v1", data={"u": "postgres://web:hunter2@db/web"}),
        "data[u]",
    ),
    (
        "config-holds-no-credentials",
        named("ConfigMap", "v1", data={"k": "-----BEGIN RSA PRIVATE KEY-----"}),
        "data[k]",
    ),
    ("secrets-are-references", named("Secret", "v1", data={"a": "aHVudGVyMg=="}), "data"),
    ("secrets-are-references", named("Secret", "v1", stringData={"a": "b"}), "stringData"),
    (
        "objects-name-their-namespace",
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}},
        "metadata.namespace",
    ),
    (
        "objects-name-their-namespace",
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}},
        "metadata.namespace",
    ),
]
CLEAN: list[tuple[str, dict[str, Any]]] = [
    ("roles-list-what-they-grant", role(resources=["pods"], verbs=["get", "list"])),
    ("roles-do-not-escalate", role(resources=["roles"], verbs=["get"])),
    ("roles-read-named-secrets-only", role(resources=["secrets"], verbs=["get"], resourceNames=["git"])),
    ("roles-read-named-secrets-only", role(resources=["configmaps"], verbs=["list"])),
    ("roles-read-named-secrets-only", role(group="example.com", resources=["secrets"], verbs=["list"])),
    ("roles-do-not-escalate", role(resources=["pods"], verbs=["get", "delete"])),
    ("roles-do-not-escalate", role(group="metrics.k8s.io", resources=["pods"], verbs=["create"])),
    ("roles-do-not-escalate", role(resources=["namespaces"], verbs=["get", "list"])),
    ("roles-stay-by-themselves", labelled(role("ClusterRole"), **{AGGREGATE + "admin": "false"})),
    (
        "roles-stay-by-themselves",
        named(
            "ClusterRole",
            RBAC,
            aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"example.com/part-of": "web"}}]},
        ),
    ),
    ("roles-open-no-shell", role(resources=["pods", "pods/log"], verbs=["get"])),
    ("roles-create-no-tokens", role(resources=["serviceaccounts"], verbs=["get"])),
    ("bindings-avoid-cluster-admin", binding(roleRef={"kind": "ClusterRole", "name": "cluster-admin-view"})),
    ("bindings-name-who-they-mean", binding(subjects=[{"kind": "Group", "name": "web-developers"}])),
    ("services-stay-inside", named("Service", "v1", spec={"type": "ClusterIP", "externalIPs": []})),
    *[
        ("external-names-are-outside", service(type="ExternalName", externalName=name))
        for name in ("db.example.com", "web.abc123.eu-west-1.rds.amazonaws.com", "svc.example.com")
    ],
    ("external-names-are-outside", service(type="ClusterIP", externalName="localhost")),
    ("endpoints-come-from-selectors", named("Endpoints", "v1")),
    ("endpoints-come-from-selectors", named("EndpointSlice", "discovery.k8s.io/v1", endpoints=[])),
    ("ingresses-name-their-hosts", ingress("a.example.com", "*.b.example.com")),
    ("ingresses-bring-no-configuration", annotated(ingress("a.example.com"), "example.com/snippet-count")),
    (
        "ingresses-bring-no-configuration",
        annotated(ingress("a.example.com"), "nginx.ingress.kubernetes.io/rewrite-target"),
    ),
    ("ingresses-are-encrypted", ingress("a.example.com", "*.b.example.com")),
    ("flows-avoid-metadata", egress("0.0.0.0/0", [HTTPS], **{"except": ["169.254.0.0/16"]})),
    ("flows-avoid-metadata", egress("192.0.2.0/24", None)),
    ("flows-name-their-targets", egress("192.0.2.0/24", [HTTPS])),
    ("flows-name-their-targets", egress("192.0.2.0/24", [{"port": 29999}, {"port": 32768}])),
    ("volumes-stay-off-nodes", named("PersistentVolume", "v1", spec={"csi": {"driver": "a"}})),
    (
        "webhooks-stay-inside",
        named(
            "ValidatingWebhookConfiguration",
            f"{ADMISSION}/v1",
            webhooks=[{"name": "w", "clientConfig": {"service": {"name": "web"}}}],
        ),
    ),
    ("jobs-are-bounded", job(pod_spec())),
    ("jobs-are-bounded", without(job(pod_spec()), "spec", "ttlSecondsAfterFinished")),
    ("jobs-are-bounded", cron_job(pod_spec())),
    ("accounts-keep-their-tokens", named("ServiceAccount", "v1", automountServiceAccountToken=False)),
    ("tokens-expire", named("Secret", "v1", type="Opaque")),
    ("secrets-are-references", named("Secret", "v1", type="Opaque")),
    ("objects-name-their-namespace", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}),
    (
        "objects-name-their-namespace",
        {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}},
    ),
    *[
        ("config-holds-no-credentials", named("ConfigMap", "v1", data={key: value}))
        for key, value in {
            "password_file": "/run/secrets/db",
            "token_ttl": "3600",
            "secretName": "db",
            "password": "${DB_PASSWORD}",
            "tokenizer": "standard",
            "monkey": "business",
            "app.yaml": "password: ${DB_PASSWORD}\ntoken_url: https://id.example.com/token\n",
            "url": "https://example.com:8443/a@b",
            "enable_password": "true",
            "max_token": "4096",
        }.items()
    ],
]


@pytest.mark.parametrize(
    ("rule", "manifest", "path"), BREACHES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_breach_is_found_at_its_place(rule: str, manifest: dict[str, Any], path: str) -> None:
    """In both tiers, at whatever level."""
    for tier in Tier:
        assert [finding.path for finding in found(manifest, rule, tier)] == [path]


PRODUCTION_ONLY: list[tuple[str, dict[str, Any], str]] = [
    ("ingresses-are-encrypted", ingress("a.example.com", tls=[]), "spec.rules[0].host"),
    ("ingresses-are-encrypted", ingress("a.example.com", tls=[{"hosts": ["b"]}]), "spec.rules[0].host"),
    ("flows-name-their-targets", egress("0.0.0.0/0", [HTTPS]), "spec.egress[0].to[0].ipBlock.cidr"),
    ("flows-name-their-targets", egress("::/0", [HTTPS]), "spec.egress[0].to[0].ipBlock.cidr"),
    ("flows-name-their-targets", egress("192.0.2.1/32", None), "spec.egress[0].to[0].ipBlock"),
    ("flows-name-their-targets", egress("192.0.2.1/32", [{"port": 30080}]), "spec.egress[0].to[0].ipBlock"),
    (
        "flows-name-their-targets",
        egress("192.0.2.1/32", [{"port": 1024, "endPort": 65535}]),
        "spec.egress[0].to[0].ipBlock",
    ),
]


@pytest.mark.parametrize(
    ("rule", "manifest", "path"), PRODUCTION_ONLY, ids=lambda value: value if isinstance(value, str) else ""
)
def test_some_breaches_are_found_in_production_alone(rule: str, manifest: dict[str, Any], path: str) -> None:
    assert [finding.path for finding in found(manifest, rule)] == [path]
    assert found(manifest, rule, Tier.TEST) == []


@pytest.mark.parametrize(
    ("rule", "manifest"), CLEAN, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_is_clean_has_no_finding(rule: str, manifest: dict[str, Any]) -> None:
    """A false alarm is a defect as much as a miss."""
    assert found(manifest, rule) == []


@pytest.mark.parametrize("rule", [rule.id for rule in OBJECT_RULES])
def test_objects_of_other_kinds_are_none_of_its_business(rule: str) -> None:
    """The same fields in another kind, and the same kind of another group, mean something else."""
    fields: dict[str, Any] = {}
    for name, manifest, _ in (*BREACHES, *PRODUCTION_ONLY):
        if name == rule:
            fields |= {
                key: value for key, value in manifest.items() if key not in ("kind", "apiVersion", "metadata")
            }
    kinds = {str(manifest["kind"]) for name, manifest, _ in (*BREACHES, *PRODUCTION_ONLY) if name == rule}
    for kind in ("Widget", *kinds):
        assert found(named(kind, "example.com/v1", **fields), rule) == []


def test_every_rule_over_objects_has_a_breach_and_a_clean_case() -> None:
    """A new rule cannot be forgotten here."""
    rules = {rule.id for rule in OBJECT_RULES}
    assert rules == {name for name, _, _ in (*BREACHES, *PRODUCTION_ONLY)}
    assert rules <= {name for name, _ in CLEAN}


def test_the_pods_of_clean_jobs_are_carried_in_the_common_table() -> None:
    """Job and CronJob are carriers, too."""
    assert {"Job", "CronJob"} <= set(CARRIERS)
