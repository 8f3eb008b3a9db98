"""Registers manifests as resources of a Pulumi stack; besides the program the only file that imports Pulumi."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import pulumi

from components.fence.network import DEFAULT_DENY
from components.objects.manifest import Manifest, Part
from components.stack import identity, references
from components.stack.delivery import Pulled, pulled, pushed
from components.stack.identity import APP, ENVIRONMENT
from components.stack.removal import PROTECTED
from components.stack.waiting import SKIP, Patience, Waiting
from envs.config.model.environment import Environment

PULLED = "environments:index:PulledWorkload"


# What `kubectl rollout restart` writes: somebody asked for new pods, and undoing it would restart them again.
RESTARTED = 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]'
_RESTARTABLE = frozenset({"DaemonSet", "Deployment", "StatefulSet"})


def register(environment: Environment, manifests: Sequence[Manifest], policies: Mapping[str, Any]) -> None:
    """Register what Pulumi writes, and show what the GitOps job does.

    `policies` is what the policy pack must know, as policies/context.py reads it.
    """
    declared = pulumi.ComponentResource(ENVIRONMENT, environment.name, {**policies})
    ingress = environment.cluster.ingress
    patience = Patience(manifests, ingress_address=ingress is not None and ingress.address)
    stack = _Stack(environment, declared)
    written = pushed(environment, manifests)
    for manifest in sorted(written, key=_rank):
        stack.write(manifest, patience.waiting(manifest))
    for workload in pulled(environment, manifests):
        stack.show(workload)


def _rank(manifest: Manifest) -> int:
    """Order resources so that those come first that others depend on.

    Namespaces, the rest of the fence, the configuration of pods, all else.
    """
    if manifest.kind == "Namespace":
        return 0
    if manifest.part is Part.FENCE:
        return 1
    return 2 if references.provided(manifest) else 3


def _is_guard(manifest: Manifest) -> bool:
    """Whether no pod may run before this exists: its quota and limits, and the policy that closes its network.

    The policies of flows only open connections again.
    """
    return manifest.kind in {"LimitRange", "ResourceQuota"} or manifest.name == DEFAULT_DENY


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
        self._configuration: dict[tuple[str, tuple[str, str]], pulumi.Resource] = {}

    def write(self, manifest: Manifest, waiting: Waiting) -> None:
        """Register an object that Pulumi writes."""
        namespace = self._namespaces.get(manifest.namespace)
        resource = pulumi.CustomResource(
            identity.token(manifest),
            identity.name(manifest),
            _without_waiting(manifest.object) if waiting.skip else manifest.object,
            pulumi.ResourceOptions(
                parent=self._app(manifest.owner),
                provider=self._provider,
                depends_on=self._before(manifest),
                deleted_with=namespace,
                protect=self._environment.tier == "production" and manifest.kind in PROTECTED,
                custom_timeouts=_timeouts(waiting),
                aliases=_aliases(manifest),
                ignore_changes=[RESTARTED] if manifest.kind in _RESTARTABLE else None,
            ),
        )
        if manifest.kind == "Namespace":
            self._namespaces[manifest.name] = resource
        elif manifest.kind == "ServiceAccount":
            self._accounts[manifest.namespace, manifest.name] = resource
        elif _is_guard(manifest):
            self._guards[manifest.namespace].append(resource)
        elif provided := references.provided(manifest):
            self._configuration[manifest.namespace, provided] = resource

    def _before(self, manifest: Manifest) -> list[pulumi.Resource]:
        """Find what must exist first.

        The namespace; for a workload also its account, what bounds its pods, and the configuration that they
        read: a pod that starts before a changed ConfigMap is written keeps the old content.

        That is few on purpose: with the whole fence, the engine's work grows with the square of an app's size.
        """
        namespace = self._namespaces.get(manifest.namespace)
        first = [namespace] if namespace else []
        if manifest.part is Part.FENCE:
            return first
        account = self._accounts.get((manifest.namespace, manifest.source[-1]))
        read = (
            self._configuration.get((manifest.namespace, each))
            for each in sorted(references.needed(manifest))
        )
        return [
            *first,
            *self._guards[manifest.namespace],
            *(resource for resource in (account, *read) if resource is not None),
        ]

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


def _without_waiting(item: dict[str, Any]) -> dict[str, Any]:
    """Tell the provider not to wait for an object."""
    metadata = item["metadata"]
    return {**item, "metadata": {**metadata, "annotations": {**(metadata.get("annotations") or {}), **SKIP}}}


def _timeouts(waiting: Waiting) -> pulumi.CustomTimeouts | None:
    if waiting.seconds is None:
        return None
    return pulumi.CustomTimeouts(create=f"{waiting.seconds}s", update=f"{waiting.seconds}s")


def _aliases(manifest: Manifest) -> list[pulumi.Input[str | pulumi.Alias]]:
    """Recognize the object in a state that knows it by another version of its API, or by its earlier name.

    They are complete URNs: the SDK needs longer to make one from a `pulumi.Alias` than for all else of a resource.
    Source: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
    """
    start = identity.urn_start(pulumi.get_stack(), pulumi.get_project())
    name, earlier = identity.name(manifest), identity.earlier_name(manifest)
    named = [] if earlier == name else [f"{start}{identity.token(manifest)}::{earlier}"]
    return [*named, *(f"{start}{other}::{name}" for other in identity.earlier_types(manifest))]


def _provider(environment: Environment) -> pulumi.ProviderResource:
    """Make the provider, with the same inputs on every machine and in every run.

    The class of the SDK would turn variables of whoever runs the program into inputs: KUBECONFIG, or
    PULUMI_K8S_UPSERT_EXISTING_OBJECTS, which the provider itself reads all the same. The empty `kubeconfig`
    stands for the ambient one. The identifier keeps the provider from replacing every object when the
    context is renamed.
    Source: https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/
    """
    inputs = {
        "clusterIdentifier": environment.name,
        "enableConfigMapMutable": "true",
        "enableSecretMutable": "true",
        "enableServerSideApply": "true",
        "kubeconfig": "",
    }
    if environment.cluster.context is not None:
        inputs["context"] = environment.cluster.context
    options = pulumi.ResourceOptions(version=version("pulumi-kubernetes"))
    return pulumi.ProviderResource("kubernetes", environment.name, inputs, options)
