"""The objects of an environment in, the connections that its NetworkPolicies allow out: who, to whom, which ports.

Time grows with the connections, not with the pairs of pods: who matches a peer is found once for each peer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from envs.review.naming import opened, place_of
from envs.review.outsiders import outsider
from kube.labels import NAME
from policies.carriers import pods
from policies.network.label_selector import matches
from policies.network.port_set import EVERY_PORT, NO_PORT, PortSet, port_set
from policies.network.reachability import EGRESS, INGRESS, PodEndpoint, Policy, World, endpoint, peers
from policies.subject import Subject, mapping

ANYBODY = "anybody"
"""Every pod and address; the policies of the other side still hold."""


@dataclass(frozen=True, slots=True, order=True)
class Connection:
    """One who may open connections to another; each is a workload as app/name, or words for what is not ours."""

    source: str
    target: str


Connections = dict[Connection, PortSet]
Openers = dict[Connection, set[tuple[str, str]]]
"""Namespace and name of policies, by the connections that they are for."""
_Ends = dict[int, PortSet]


def connections(objects: Iterable[Mapping[str, Any]], environment: str) -> Connections:
    """Compute all connections that are possible within an environment, into it, and out of it."""
    return reach(objects, environment).connections()


def reach(objects: Iterable[Mapping[str, Any]], environment: str) -> Reach:
    """Open the objects of an environment, to ask which connections are possible and by which policies."""
    return Reach.of(opened(objects), environment)


@dataclass
class Reach:
    """The pods of an environment, and who of them may talk."""

    environment: str
    world: World
    pods: list[PodEndpoint]
    spaces: Mapping[str, list[int]]
    """Numbers of the pods of each namespace."""
    found: Connections = field(default_factory=dict)
    _matching: dict[int, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, listed: list[Subject], environment: str) -> Reach:
        """Index the namespaces, policies and pods of an environment."""
        spaces = {each.name: each.labels for each in listed if each.kind == "Namespace"}
        policies = [
            Policy(each)
            for each in listed
            if each.kind == "NetworkPolicy" and each.group == "networking.k8s.io"
        ]
        ends = [
            endpoint(each, pod)
            for each in listed
            for pod in pods(each)
            if not pod.partial and not pod.spec.get("hostNetwork")
        ]
        ends += _elsewhere(policies, ends)
        numbers: dict[str, list[int]] = defaultdict(list)
        for number, pod in enumerate(ends):
            numbers[pod.namespace].append(number)
        return cls(environment, World(spaces, policies, known=numbers), ends, numbers)

    def connections(self) -> Connections:
        """Join what the two sides allow: a connection needs both."""
        leaving = [self._side(pod, EGRESS) for pod in self.pods]
        for number, pod in enumerate(self.pods):
            entering = self._side(pod, INGRESS)
            if entering is None:
                self._add(ANYBODY, self._name(number), EVERY_PORT)
            for source, allowed in (entering or {}).items():
                towards = leaving[source]
                ports = allowed if towards is None else allowed & towards.get(number, NO_PORT)
                self._add(self._name(source), self._name(number), ports)
            if leaving[number] is None:
                self._add(self._name(number), ANYBODY, EVERY_PORT)
        self._add_to_open(leaving)
        return self.found

    def openers(self, names: Collection[str]) -> Openers:
        """Tell for which connections some policies are, whatever the others say; `names` are namespace/name."""
        found: Openers = defaultdict(set)
        for number, pod in enumerate(self.pods):
            for direction in (INGRESS, EGRESS):
                for policy in self.world.isolating(pod, direction):
                    key = (policy.subject.namespace, policy.subject.name)
                    if "/".join(key) in names:
                        for connection in self._allowed(number, direction, policy):
                            found[connection].add(key)
        return found

    def _allowed(self, number: int, direction: str, policy: Policy) -> Iterator[Connection]:
        own = self._name(number)
        for rule in policy.rules(direction):
            for peer in peers(rule, direction) or ({},):
                words = outsider(peer, self.world.namespaces, ANYBODY)
                others = [*map(self._name, self._peers(policy, peer)), *([words] if words else [])]
                yield from (
                    Connection(other, own) if direction == INGRESS else Connection(own, other)
                    for other in others
                )

    def _add_to_open(self, leaving: list[_Ends | None]) -> None:
        """Add what isolated pods may open to pods that nothing isolates."""
        is_open = [not self.world.isolating(pod, INGRESS) for pod in self.pods]
        for number, towards in enumerate(leaving):
            for target, ports in (towards or {}).items():
                if is_open[target]:
                    self._add(self._name(number), self._name(target), ports)

    def _side(self, pod: PodEndpoint, direction: str) -> _Ends | None:
        """Ports by the number of the other pod; None where nothing isolates. Adds the outsiders on the way."""
        isolating = self.world.isolating(pod, direction)
        if not isolating:
            return None
        ends: _Ends = {}
        for policy in isolating:
            for rule in policy.rules(direction):
                for peer in peers(rule, direction) or ({},):
                    self._read(pod, direction, policy, rule, peer, ends)
        return ends

    def _read(  # noqa: PLR0913, PLR0917 - a peer, where it is written, and for whom
        self,
        pod: PodEndpoint,
        direction: str,
        policy: Policy,
        rule: Mapping[str, Any],
        peer: dict[str, Any],
        ends: _Ends,
    ) -> None:
        for other in self._peers(policy, peer):
            target = pod if direction == INGRESS else self.pods[other]
            ends[other] = ends.get(other, NO_PORT) | port_set(rule.get("ports"), target.ports)
        words = outsider(peer, self.world.namespaces, ANYBODY)
        if words:
            own = place_of(pod.subject, self.environment)
            ports = port_set(rule.get("ports"), pod.ports if direction == INGRESS else ())
            self._add(*((words, own) if direction == INGRESS else (own, words)), ports)

    def _peers(self, policy: Policy, peer: dict[str, Any]) -> list[int]:
        if not peer:
            return list(range(len(self.pods)))
        if id(peer) not in self._matching:
            self._matching[id(peer)] = list(self._matched(policy, peer))
        return self._matching[id(peer)]

    def _matched(self, policy: Policy, peer: dict[str, Any]) -> Iterator[int]:
        if peer.get("ipBlock") is not None:
            return
        spaces = peer.get("namespaceSelector")
        names = {policy.subject.namespace} if spaces is None else self.world.matching(mapping(spaces))
        for name in names:
            for number in self.spaces.get(name, ()):
                if matches(mapping(peer.get("podSelector")), self.pods[number].labels):
                    yield number

    def _name(self, number: int) -> str:
        return place_of(self.pods[number].subject, self.environment)

    def _add(self, source: str, target: str, ports: PortSet) -> None:
        if ports:
            key = Connection(source, target)
            self.found[key] = self.found.get(key, NO_PORT) | ports


def _elsewhere(policies: list[Policy], ends: list[PodEndpoint]) -> Iterator[PodEndpoint]:
    """Stand in for pods that another repository brings: those that a policy selects and no object here makes."""
    seen: set[tuple[str, str]] = set()
    for policy in policies:
        namespace = policy.subject.namespace
        labels = mapping(policy.selector.get("matchLabels"))
        name = labels.get(NAME) or ",".join(f"{key}={value}" for key, value in labels.items())
        known = (pod.labels for pod in ends if pod.namespace == namespace)
        if (
            labels
            and (namespace, name) not in seen
            and not any(map(partial(matches, policy.selector), known))
        ):
            seen.add((namespace, name))
            body = {"kind": "Pod", "metadata": {"namespace": namespace, "name": name}}
            yield PodEndpoint(Subject(body), namespace, labels)


def own_names(objects: Iterable[Mapping[str, Any]], environment: str) -> list[str]:
    """Name the workloads of an environment that have pods, in their order."""
    named = [place_of(each, environment) for each in opened(objects) for _ in pods(each)]
    return list(dict.fromkeys(named))
