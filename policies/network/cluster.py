"""Environments that share a cluster, indexed by namespace: who may reach whom is found without trying all pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from kube.labels import PREFIX
from policies.carriers import pods
from policies.network.hosts import hosts
from policies.network.reachability import EGRESS, INGRESS, PodEndpoint, Policy, World, endpoint
from policies.subject import Manifest, Subject, subjects, text

ENVIRONMENT_LABEL = f"{PREFIX}/environment"
_EVERYWHERE = None
_OPPOSITE = {EGRESS: INGRESS, INGRESS: EGRESS}


@dataclass(frozen=True)
class Resident:
    """What one environment brings into a cluster: its pods, its policies and the labels of its namespaces."""

    pods: list[PodEndpoint]
    policies: list[Policy]
    labels: dict[str, Mapping[str, str]]
    environments: dict[str, str]
    """Environment by namespace: that of its label, else the one that the object belongs to."""
    hosts: frozenset[tuple[str, str]] = frozenset()
    """Hosts that its objects claim, each with the namespace."""

    @classmethod
    def of(cls, environment: str, listed: Sequence[Subject]) -> Resident:
        """Extract what matters for connections from the objects of an environment."""
        spaces = [subject for subject in listed if subject.kind == "Namespace"]
        environments = {subject.namespace: environment for subject in listed if subject.namespace}
        environments |= {
            subject.name: str(subject.labels.get(ENVIRONMENT_LABEL) or environment) for subject in spaces
        }
        labels: dict[str, Mapping[str, str]] = {
            subject.name: {key: text(value) for key, value in subject.labels.items()} for subject in spaces
        }
        claimed = frozenset((host, subject.namespace) for subject in listed for _, host in hosts(subject))
        return cls(endpoints(listed), network_policies(listed), labels, environments, claimed)


def network_policies(listed: Iterable[Subject]) -> list[Policy]:
    """Extract the NetworkPolicies of Kubernetes itself."""
    return [
        Policy(subject)
        for subject in listed
        if subject.kind == "NetworkPolicy" and subject.group == "networking.k8s.io" and not subject.partial
    ]


def endpoints(listed: Iterable[Subject]) -> list[PodEndpoint]:
    """Extract the pods that have addresses of their own."""
    return [
        endpoint(subject, pod)
        for subject in listed
        for pod in pods(subject)
        if not pod.partial and not pod.spec.get("hostNetwork")
    ]


@dataclass(frozen=True)
class Neighbourhood:
    """All environments of a cluster as one of them sees the others; nothing in it depends on which one that is."""

    residents: Mapping[str, Resident]
    pod_networks: Sequence[str] | None
    existing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Labels of namespaces that somebody else has made."""
    _reach: dict[tuple[int, str], frozenset[str] | None] = field(default_factory=dict, repr=False)

    @cached_property
    def world(self) -> World:
        """All namespaces and policies."""
        labels = {**self.existing}
        labels |= dict(chain.from_iterable(resident.labels.items() for resident in self.residents.values()))
        policies = [policy for resident in self.residents.values() for policy in resident.policies]
        return World(labels, policies, self.pod_networks, self._environments)

    @cached_property
    def _environments(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for resident in self.residents.values():
            found = resident.environments | found
        return found

    def environment(self, namespace: str) -> str:
        """Return the environment of a namespace; empty where it is not known."""
        return self._environments.get(namespace, "")

    def leaving(self, name: str, direction: str) -> list[PodEndpoint]:
        """List the pods of one environment that could reach another one, or be reached from there."""
        return [pod for pod in self.residents[name].pods if self._leads_out(pod, direction)]

    def partners(self, name: str, pod: PodEndpoint, direction: str) -> list[PodEndpoint]:
        """List the pods that could answer a pod of the environment `name` (Egress), or call it (Ingress).

        Labels can give a namespace to another environment, so those that could answer may be of `name` itself;
        these come first.
        """
        spaces = self._spaces(pod, direction)
        doors = self._doors[_OPPOSITE[direction]]
        near = [*doors[pod.namespace], *doors[_EVERYWHERE]]
        found = [
            (owner != name, number, other)
            for number, owner, other in near
            if (spaces is _EVERYWHERE or other.namespace in spaces) and (owner != name or direction == EGRESS)
        ]
        return [other for _, _, other in sorted(found, key=lambda each: each[:2])]

    @cached_property
    def _doors(self) -> dict[str, dict[str | None, list[tuple[int, str, PodEndpoint]]]]:
        """Index the pods that lead out of their environment by the namespaces to which they lead."""
        doors: dict[str, dict[str | None, list[tuple[int, str, PodEndpoint]]]] = {}
        owned = [(name, pod) for name, resident in self.residents.items() for pod in resident.pods]
        for direction in (INGRESS, EGRESS):
            indexed = doors[direction] = defaultdict(list)
            for number, (name, pod) in enumerate(owned):
                if self._leads_out(pod, direction):
                    for space in self._spaces(pod, direction) or (_EVERYWHERE,):
                        indexed[space].append((number, name, pod))
        return doors

    def _leads_out(self, pod: PodEndpoint, direction: str) -> bool:
        spaces = self._spaces(pod, direction)
        home = self.environment(pod.namespace)
        return spaces is _EVERYWHERE or any(self.environment(space) != home for space in spaces)

    def _spaces(self, pod: PodEndpoint, direction: str) -> frozenset[str] | None:
        """Find the namespaces to which the policies of a pod lead; None for all."""
        key = (id(pod), direction)
        if key not in self._reach:
            self._reach[key] = self.world.spaces(pod, direction)
        return self._reach[key]


class Cluster:
    """The objects of the environments of one cluster; each is opened once, however many of them are judged."""

    def __init__(self, manifests: Mapping[str, Iterable[Manifest]]) -> None:
        self._manifests = manifests
        self._shared: dict[tuple[tuple[str, ...] | None, str], Neighbourhood] = {}

    def around(
        self,
        environment: str,
        own: Sequence[Subject],
        pod_networks: tuple[str, ...] | None,
        existing: Mapping[str, Mapping[str, str]],
    ) -> Neighbourhood:
        """Return the cluster for an environment; where its objects are not part of it, they are `own`."""
        if environment not in self._manifests:
            return Neighbourhood(
                {environment: Resident.of(environment, own), **self._residents}, pod_networks, existing
            )
        key = (
            pod_networks,
            repr(sorted((name, sorted(labels.items())) for name, labels in existing.items())),
        )
        if key not in self._shared:
            self._shared[key] = Neighbourhood(self._residents, pod_networks, existing)
        return self._shared[key]

    @cached_property
    def hosts(self) -> Mapping[str, frozenset[str]]:
        """Namespaces by the hosts that their objects claim."""
        found: dict[str, frozenset[str]] = {}
        for host, namespace in chain.from_iterable(resident.hosts for resident in self._residents.values()):
            found[host] = found.get(host, frozenset()) | {namespace}
        return found

    @cached_property
    def _residents(self) -> dict[str, Resident]:
        return {
            name: Resident.of(name, [subject for manifest in manifests for subject in subjects(manifest)])
            for name, manifests in self._manifests.items()
        }
