"""Pods and images in custom resources: found wherever operators put them, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from policies.check import check
from policies.context import Level, Tier
from policies.rules import POD_RULES
from tests.policies.objects import Manifest, context, found, named

PRIVILEGED = {"securityContext": {"privileged": True}}
POD = {"spec": {"hostNetwork": True, "containers": [{"name": "a", **PRIVILEGED}]}}
MOVING = "registry.example.com/app:latest"

# What it is, the object, the rule that it breaks, and where.
BREACHES: list[tuple[str, Manifest, str, str]] = [
    (
        "CloudNativePG",
        named("Cluster", "postgresql.cnpg.io/v1", spec={"imageName": MOVING}),
        "images-are-pinned",
        "spec.imageName",
    ),
    (
        "Prometheus",
        named("Prometheus", "monitoring.coreos.com/v1", spec={"image": MOVING}),
        "images-are-pinned",
        "spec.image",
    ),
    (
        "Prometheus beside its sidecars",
        named(
            "Prometheus",
            "monitoring.coreos.com/v1",
            spec={"image": MOVING, "containers": [{"name": "proxy", "image": "a:1.2.3"}]},
        ),
        "images-are-pinned",
        "spec.image",
    ),
    (
        "init containers alone",
        named("Kibana", "kibana.k8s.elastic.co/v1", spec={"initContainers": [{"image": MOVING}]}),
        "images-are-pinned",
        "spec.initContainers[0].image",
    ),
    (
        "Argo Workflow",
        named(
            "Workflow",
            "argoproj.io/v1alpha1",
            spec={"templates": [{"name": "main", "container": {"image": MOVING}}]},
        ),
        "images-are-pinned",
        "spec.templates[main].container.image",
    ),
    (
        "script of an Argo Workflow",
        named("Workflow", "argoproj.io/v1alpha1", spec={"templates": [{"script": PRIVILEGED}]}),
        "pods-meet-baseline",
        "spec.templates[0].script.securityContext.privileged",
    ),
    (
        "Tekton Task",
        named("Task", "tekton.dev/v1", spec={"steps": [{"name": "build", "image": MOVING}]}),
        "images-are-pinned",
        "spec.steps[build].image",
    ),
    (
        "step template of Tekton",
        named("Task", "tekton.dev/v1", spec={"stepTemplate": PRIVILEGED}),
        "pods-meet-baseline",
        "spec.stepTemplate.securityContext.privileged",
    ),
    (
        "parameter as an image",
        named("Task", "tekton.dev/v1", spec={"steps": [{"name": "build", "image": "$(params.image)"}]}),
        "images-are-known",
        "spec.steps[build].image",
    ),
    (
        "pod template without images",
        named("Elasticsearch", "elasticsearch.k8s.elastic.co/v1", spec={"nodeSets": [{"podTemplate": POD}]}),
        "pods-meet-baseline",
        "spec.nodeSets[0].podTemplate.spec.hostNetwork",
    ),
    (
        "container of a pod template without images",
        named("Elasticsearch", "elasticsearch.k8s.elastic.co/v1", spec={"podTemplate": POD}),
        "pods-meet-baseline",
        "spec.podTemplate.spec.containers[a].securityContext.privileged",
    ),
    (
        "pod template without containers",
        named("Kafka", "kafka.strimzi.io/v1", spec={"template": {"pod": {"hostPID": True}}}),
        "pods-meet-baseline",
        "spec.template.pod.hostPID",
    ),
    (
        "volume of an operator",
        named(
            "Grafana",
            "grafana.integreatly.org/v1beta1",
            spec={"extraVolumes": [{"name": "root", "hostPath": {"path": "/"}}]},
        ),
        "pods-meet-baseline",
        "spec.extraVolumes[root].hostPath",
    ),
    (
        "variables of an operator",
        named("Keycloak", "k8s.keycloak.org/v2", spec={"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]}),
        "containers-get-credentials-by-reference",
        "spec.env[DB_PASSWORD].value",
    ),
    (
        "image as in the values of a chart",
        named(
            "OpenTelemetryCollector",
            "opentelemetry.io/v1beta1",
            spec={"image": {"repository": "otel/collector", "tag": "latest"}},
        ),
        "images-are-pinned",
        "spec.image",
    ),
    (
        "operator of the community under .k8s.io",
        named("SparkApplication", "sparkoperator.k8s.io/v1beta2", spec={"image": MOVING}),
        "images-are-pinned",
        "spec.image",
    ),
    (
        "Pod within a custom resource",
        named(
            "Object",
            "kubernetes.crossplane.io/v1alpha2",
            spec={
                "forProvider": {
                    "manifest": {
                        "apiVersion": "v1",
                        "kind": "Pod",
                        "spec": {"containers": [{"name": "a", "image": "a:1.2.3"}]},
                    }
                }
            },
        ),
        "pods-have-their-own-account",
        "spec.forProvider.manifest.spec.serviceAccountName",
    ),
]
INSTALLERS: list[tuple[str, str, str]] = [
    ("HelmRelease", "helm.toolkit.fluxcd.io/v2", "spec.chart"),
    ("Kustomization", "kustomize.toolkit.fluxcd.io/v1", "spec.sourceRef"),
    ("Application", "argoproj.io/v1alpha1", "spec.source"),
    ("ApplicationSet", "argoproj.io/v1alpha1", "spec.template"),
    ("Release", "helm.sh/v3", "chart"),
    ("Release", "helm.crossplane.io/v1beta1", "spec.forProvider.chart"),
    ("HelmChart", "helm.cattle.io/v1", "spec.chart"),
    ("App", "kappctrl.k14s.io/v1alpha1", "spec.fetch"),
    ("Subscription", "operators.coreos.com/v1alpha1", "spec.name"),
    ("Provider", "pkg.crossplane.io/v1", "spec.package"),
]
# Objects that only look as if they started pods.
HARMLESS: list[Manifest] = [
    named(
        "Certificate",
        "cert-manager.io/v1",
        spec={"secretName": "web-tls", "dnsNames": ["web.example.com"], "privateKey": {"algorithm": "ECDSA"}},
    ),
    named(
        "ServiceMonitor",
        "monitoring.coreos.com/v1",
        spec={
            "selector": {"matchLabels": {"image": "web", "container": "web"}},
            "endpoints": [{"port": "metrics"}],
        },
    ),
    named(
        "PrometheusRule",
        "monitoring.coreos.com/v1",
        spec={"groups": [{"rules": [{"alert": "A", "expr": 'x{image="a"}', "labels": {"image": "a"}}]}]},
    ),
    named(
        "HTTPRoute",
        "gateway.networking.k8s.io/v1",
        spec={"hostnames": ["web.example.com"], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]},
    ),
    named("VirtualService", "networking.istio.io/v1", spec={"hosts": ["web"], "http": [{"route": []}]}),
    named(
        "ExternalSecret",
        "external-secrets.io/v1",
        spec={
            "target": {"name": "web", "template": {"data": {"image": "{{ .image }}"}}},
            "data": [{"secretKey": "password", "remoteRef": {"key": "web", "property": "password"}}],
        },
    ),
    named("SealedSecret", "bitnami.com/v1alpha1", spec={"encryptedData": {"password": "AgBy3i4OJSWK"}}),
    named("ImageRepository", "image.toolkit.fluxcd.io/v1", spec={"image": "ghcr.io/example/app"}),
    named("ClusterImagePolicy", "policy.sigstore.dev/v1beta1", spec={"images": [{"glob": "ghcr.io/**"}]}),
    named("OpenStackMachine", "infrastructure.cluster.x-k8s.io/v1beta1", spec={"image": "ubuntu-24.04-kube"}),
    named("Instance", "ec2.aws.upbound.io/v1beta1", spec={"forProvider": {"image": "ami-0a1b2c3d"}}),
    named(
        "Brand", "example.com/v1", spec={"image": "https://example.com/logo.png", "icon": {"image": "a.svg"}}
    ),
    named("Task", "example.com/v1", spec={"steps": [{"name": "one", "description": "two words"}]}),
    named("ScaledObject", "keda.sh/v1alpha1", spec={"scaleTargetRef": {"name": "web"}}),
    named(
        "VerticalPodAutoscaler",
        "autoscaling.k8s.io/v1",
        spec={"resourcePolicy": {"containerPolicies": [{"containerName": "*", "mode": "Auto"}]}},
    ),
    named("Alertmanager", "monitoring.coreos.com/v1", spec={"containers": [{"name": "config-reloader"}]}),
    named("Widget", "example.com/v1", spec={"hostNetwork": {"enabled": True}, "image": ""}),
    named("Widget", "example.com/v1", spec={"image": {"repository": "example/app"}}),
]


@pytest.mark.parametrize(
    ("manifest", "rule", "path"), [case[1:] for case in BREACHES], ids=[case[0] for case in BREACHES]
)
def test_what_starts_pods_is_judged_wherever_it_stands(manifest: Manifest, rule: str, path: str) -> None:
    assert path in [finding.path for finding in found(manifest, rule)]


@pytest.mark.parametrize(("kind", "api", "path"), INSTALLERS)
def test_what_is_installed_from_elsewhere_is_an_unknown_image(kind: str, api: str, path: str) -> None:
    manifest = named(kind, api, spec={})

    (finding,) = found(manifest, "images-are-known")

    assert (finding.path, finding.level) == (path, Level.MANDATORY)
    assert "not written here" in finding.message
    (warning,) = found(manifest, "images-are-known", Tier.TEST)
    assert warning.level is Level.ADVISORY


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("manifest", HARMLESS, ids=lambda manifest: str(manifest["kind"]))
def test_what_starts_no_pods_has_no_finding(manifest: Manifest, tier: Tier) -> None:
    assert check([manifest], context(tier), complete=False) == []


@pytest.mark.parametrize("broken", [None, "text", 7, [], {}, [None], ["x"], {"a": {}}, [[{}]]], ids=repr)
def test_no_shape_of_a_custom_resource_ends_in_a_traceback(broken: Any) -> None:
    fields = ("image", "imageName", "securityContext", "podSecurityContext", "env", "hostPath", "containers")
    for field in (*fields, "initContainers", "volumes", "hostNetwork", "template", "spec", "metadata"):
        for outer in (field, "template"):
            spec = {outer: {"spec": {field: broken}} if outer == "template" else broken}
            check([named("Thing", "example.com/v1", spec=spec)], context(), complete=True)


def test_a_finding_in_a_custom_resource_is_reported_once() -> None:
    spec = {"image": MOVING, **PRIVILEGED, "hostNetwork": True}
    findings = check([named("Thing", "example.com/v1", spec=spec)], context(), complete=False)

    places = [(finding.rule, finding.path) for finding in findings]

    assert len(places) == len(set(places)) == 3
    assert {rule for rule, _ in places} <= {rule.id for rule in POD_RULES}
