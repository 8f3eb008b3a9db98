"""Clean Kubernetes objects to build cases from: a pod that keeps every rule, and everything that can carry it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from policies.check import check
from policies.context import Context, Exemption, Tier, Versions
from policies.rule import Finding
from policies.tags import Shape

Manifest = dict[str, Any]

NAMESPACE = "shop-prod"
IMAGE = "registry.example.com/shop/web:1.2.3"


def context(
    tier: Tier = Tier.PRODUCTION,
    shapes: Mapping[str, Shape] | None = None,
    exemptions: Iterable[Exemption] = (),
    **changes: Any,
) -> Context:
    """Return the context of an environment without any settings; exemptions are named by their numbers."""
    return Context(
        **{
            "environment": "prod",
            "tier": tier,
            "today": date(2026, 1, 1),
            "images": declared(shapes or {}),
            "exemptions": {str(number): exemption for number, exemption in enumerate(exemptions)},
            **changes,
        }
    )


def declared(shapes: Mapping[str, Shape]) -> dict[str, Versions]:
    """Declare shapes of versions."""
    return {repository: Versions(shape, "for the test") for repository, shape in shapes.items()}


def container(name: str = "web", **changes: Any) -> Manifest:
    """Make a container that keeps every rule."""
    return {
        "name": name,
        "image": IMAGE,
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        **changes,
    }


def server(name: str = "web", **changes: Any) -> Manifest:
    """Make a container that opens a port and keeps every rule."""
    probe = {"httpGet": {"path": "/", "port": 8080}}
    return container(
        name,
        ports=[{"name": "http", "containerPort": 8080}],
        readinessProbe=probe,
        livenessProbe=probe,
        **changes,
    )


def pod_spec(**changes: Any) -> Manifest:
    """Make the spec of a pod that keeps every rule, with init and ephemeral containers."""
    ephemeral = container("debug")
    del ephemeral["resources"]
    return {
        "serviceAccountName": "web",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "initContainers": [container("init")],
        "containers": [server()],
        "ephemeralContainers": [ephemeral],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        **changes,
    }


def template(spec: Manifest) -> Manifest:
    """Make the template of a pod."""
    return {"metadata": {"labels": {"app.kubernetes.io/name": "web"}}, "spec": spec}


def named(kind: str, api: str, name: str = "web", **fields: Any) -> Manifest:
    """Make an object in the namespace of all cases."""
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, **fields}


def pod(spec: Manifest) -> Manifest:
    """Make a bare Pod."""
    made = named("Pod", "v1", spec=spec)
    made["metadata"]["labels"] = {"app.kubernetes.io/name": "web"}
    return made


def _controller(kind: str, api: str) -> Callable[[Manifest], Manifest]:
    return lambda spec: named(kind, api, spec={"template": template(spec)})


def job(spec: Manifest) -> Manifest:
    """Make a bounded Job."""
    bounds = {"activeDeadlineSeconds": 60, "ttlSecondsAfterFinished": 60}
    return named("Job", "batch/v1", spec={**bounds, "template": template(spec)})


def cron_job(spec: Manifest) -> Manifest:
    """Make a bounded CronJob."""
    jobs = {"spec": {"activeDeadlineSeconds": 60, "template": template(spec)}}
    bounds = {"concurrencyPolicy": "Forbid", "startingDeadlineSeconds": 60}
    return named("CronJob", "batch/v1", spec={**bounds, "schedule": "* * * * *", "jobTemplate": jobs})


def custom(spec: Manifest) -> Manifest:
    """Make a custom resource that embeds two templates deep inside."""
    steps = [{"name": "one", "template": template(spec)}]
    return named("Pipeline", "ci.example.com/v1", spec={"stages": {"build": {"steps": steps}}})


deployment = _controller("Deployment", "apps/v1")

# By what each case is called; the path leads to the spec of the pod within the object that a finding names.
CARRIERS: dict[str, tuple[Callable[[Manifest], Manifest], str]] = {
    "Pod": (pod, "spec"),
    "Deployment": (deployment, "spec.template.spec"),
    "StatefulSet": (_controller("StatefulSet", "apps/v1"), "spec.template.spec"),
    "DaemonSet": (_controller("DaemonSet", "apps/v1"), "spec.template.spec"),
    "ReplicaSet": (_controller("ReplicaSet", "apps/v1"), "spec.template.spec"),
    "ReplicationController": (_controller("ReplicationController", "v1"), "spec.template.spec"),
    "Job": (job, "spec.template.spec"),
    "CronJob": (cron_job, "spec.jobTemplate.spec.template.spec"),
    "PodTemplate": (lambda spec: named("PodTemplate", "v1", template=template(spec)), "template.spec"),
    "List": (
        lambda spec: {"apiVersion": "v1", "kind": "List", "items": [deployment(spec)]},
        "spec.template.spec",
    ),
    "DeploymentList": (
        lambda spec: {
            "apiVersion": "apps/v1",
            "kind": "DeploymentList",
            "items": [
                {key: value for key, value in deployment(spec).items() if key not in ("kind", "apiVersion")}
            ],
        },
        "spec.template.spec",
    ),
    "Rollout": (_controller("Rollout", "argoproj.io/v1alpha1"), "spec.template.spec"),
    "custom resource": (custom, "spec.stages.build.steps[one].template.spec"),
}
LONG_RUNNING = (
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "List",
)


def found(manifest: Manifest, rule: str, tier: Tier = Tier.PRODUCTION, **changes: Any) -> list[Finding]:
    """Judge one object by the rules over one object, and keep what one rule found."""
    judged = check([copy.deepcopy(manifest)], context(tier, **changes), complete=False)
    return [finding for finding in judged if finding.rule == rule]
