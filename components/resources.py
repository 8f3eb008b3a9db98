"""Registers manifests as resources of a Pulumi stack; besides the program the only file that imports Pulumi."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import version

import pulumi
from pulumi_kubernetes import Provider

from components.fence.network import DEFAULT_DENY
from components.objects.manifest import Manifest, Part
from components.stack.declaration import declaration
from components.stack.delivery import Pulled, pulled, pushed
from envs.config.model.environment import Environment
from kube.kinds import group

ENVIRONMENT = "environments:index:Environment"
APP = "environments:index:App"
PULLED = "environments:index:PulledWorkload"

# What a mistake must not delete in production, as that interrupts a service or loses data. The rest is not
# protected: a removed flow or role must go at once, and a Job is made anew for each release.
PROTECTED = frozenset(
    {"DaemonSet", "Deployment", "Ingress", "Namespace", "PersistentVolumeClaim", "Service", "StatefulSet"}
)


def register(environment: Environment, manifests: Sequence[Manifest], names: Sequence[str]) -> None:
    """Register what Pulumi writes, and show what the GitOps job does; `names` are those of all environments."""
    declared = pulumi.ComponentResource(ENVIRONMENT, environment.name, declaration(environment, names))
    stack = _Stack(environment, declared)
    written = pushed(environment, manifests)
    for manifest in sorted(written, key=_rank):
        stack.write(manifest)
    for workload in pulled(environment, manifests):
        stack.show(workload)


def _rank(manifest: Manifest) -> int:
    """Order resources so that those come first that others depend on: namespaces, then the rest of the fence."""
    if manifest.kind == "Namespace":
        return 0
    return 1 if manifest.part is Part.FENCE else 2


def _is_guard(manifest: Manifest) -> bool:
    """Whether no pod may run before this exists: its quota and limits, and the policy that closes its network.

    The policies of flows only open connections again.
    """
    return manifest.kind in {"LimitRange", "ResourceQuota"} or manifest.name == DEFAULT_DENY


def _token(manifest: Manifest) -> str:
    """Type of a resource as the provider names it: kubernetes:apps/v1:Deployment, kubernetes:core/v1:Service."""
    api_version = manifest.object["apiVersion"]
    return f"kubernetes:{api_version if group(api_version) else f'core/{api_version}'}:{manifest.kind}"


def _name(manifest: Manifest) -> str:
    """Name of a resource: what identifies the object in its cluster, so that it lasts as long as the object."""
    return "/".join(part for part in (manifest.namespace, manifest.kind, manifest.name) if part)


class _Stack:
    """Resources of one environment, with what the next one refers to."""

    def __init__(self, environment: Environment, declared: pulumi.Resource) -> None:
        self._environment = environment
        self._declared = declared
        self._provider = _provider(environment)
        self._apps: dict[str, pulumi.ComponentResource] = {}
        self._namespaces: dict[str, pulumi.Resource] = {}
        self._guards: dict[str, list[pulumi.Resource]] = defaultdict(list)
        self._accounts: dict[tuple[str, str], pulumi.Resource] = {}

    def write(self, manifest: Manifest) -> None:
        """Register an object that Pulumi writes."""
        namespace = self._namespaces.get(manifest.namespace)
        resource = pulumi.CustomResource(
            _token(manifest),
            _name(manifest),
            manifest.object,
            pulumi.ResourceOptions(
                parent=self._app(manifest.owner),
                provider=self._provider,
                depends_on=self._before(manifest),
                deleted_with=namespace,
                protect=self._environment.tier == "production" and manifest.kind in PROTECTED,
            ),
        )
        if manifest.kind == "Namespace":
            self._namespaces[manifest.name] = resource
        elif manifest.kind == "ServiceAccount":
            self._accounts[manifest.namespace, manifest.name] = resource
        elif _is_guard(manifest):
            self._guards[manifest.namespace].append(resource)

    def _before(self, manifest: Manifest) -> list[pulumi.Resource]:
        """Find what must exist first: the namespace; for a workload also its account and what bounds its pods.

        That is few on purpose: with the whole fence, the engine's work grows with the square of an app's size.
        """
        namespace = self._namespaces.get(manifest.namespace)
        first = [namespace] if namespace else []
        if manifest.part is Part.FENCE:
            return first
        account = self._accounts.get((manifest.namespace, manifest.source[-1]))
        return [*first, *self._guards[manifest.namespace], *([account] if account else [])]

    def show(self, workload: Pulled) -> None:
        """Register a workload that the GitOps job writes, so that a preview shows it and a policy sees it."""
        options = pulumi.ResourceOptions(parent=self._app(workload.app))
        pulumi.ComponentResource(PULLED, workload.name, workload.inputs, options)

    def _app(self, name: str) -> pulumi.ComponentResource:
        if name not in self._apps:
            # A parent is registered first: the policy pack learns by it what to judge by.
            options = pulumi.ResourceOptions(parent=self._declared)
            self._apps[name] = pulumi.ComponentResource(APP, name, opts=options)
        return self._apps[name]


def _provider(environment: Environment) -> Provider:
    """Make the provider, with the same inputs on every machine.

    An empty `kubeconfig` keeps the path of whoever runs the program out of the state; the file itself is
    used all the same. The identifier keeps the provider from replacing every object when the context is
    renamed. Objects that exist already are not taken over unless PULUMI_K8S_UPSERT_EXISTING_OBJECTS says so.
    Source: https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/
    """
    return Provider(
        environment.name,
        cluster_identifier=environment.name,
        context=environment.cluster.context,
        enable_config_map_mutable=True,
        enable_secret_mutable=True,
        enable_server_side_apply=True,
        kubeconfig="",
        opts=pulumi.ResourceOptions(version=version("pulumi-kubernetes")),
    )
