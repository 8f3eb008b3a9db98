"""The objects of an environment in, the connections that its NetworkPolicies allow out: who, to whom, which ports.

Time grows with the connections, not with the pairs of pods: who matches a peer is found once for each peer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
Known = dict[int, tuple[list[Subject], list[PodEndpoint]]]


def connections(objects: Iterable[Mapping[str, Any]], environment: str) -> Connections:
    """Compute all connections that are possible within an environment, into it, and out of it."""
    return reach(objects, environment).connections()


def reach(objects: Iterable[Mapping[str, Any]], environment: str, known: Known | None = None) -> Reach:
    """Open the objects of an environment, to ask which connections are possible and by which policies.

    `known` keeps what was read of an object by its id (as of `id`), for two states that share most of them.
    """
    known = {} if known is None else known
    listed: list[Subject] = []
    ends: list[PodEndpoint] = []
    for body in objects:
        if id(body) not in known:
            found = opened([body])
            known[id(body)] = found, list(_ends(found))
        listed += known[id(body)][0]
        ends += known[id(body)][1]
    return Reach.of(listed, ends, environment)


def _ends(listed: Iterable[Subject]) -> Iterator[PodEndpoint]:
    for each in listed:
        for pod in pods(each):
            if not pod.partial and not pod.spec.get("hostNetwork"):
                yield endpoint(each, pod)


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
    _found_leaving: dict[int, _Ends | None] = field(default_factory=dict)

    @classmethod
    def of(cls, listed: list[Subject], own: Sequence[PodEndpoint], environment: str) -> Reach:
        """Index the namespaces, policies and pods of an environment."""
        spaces = {each.name: each.labels for each in listed if each.kind == "Namespace"}
        policies = [
            Policy(each)
            for each in listed
            if each.kind == "NetworkPolicy" and each.group == "networking.k8s.io"
        ]
        ends = [*own, *_elsewhere(policies, own)]
        numbers: dict[str, list[int]] = defaultdict(list)
        for number, pod in enumerate(ends):
            numbers[pod.namespace].append(number)
        return cls(environment, World(spaces, policies, known=numbers), ends, numbers)

    def connections(self, of: Collection[str] | None = None) -> Connections:
        """Join what the two sides allow: a connection needs both; `of` are the namespaces that one end must be in."""
        numbers = range(len(self.pods))
        asked = {number for number in numbers if of is None or self.pods[number].namespace in of}
        self._add_answering(asked)
        self._add_to_open(asked)
        names = {self._name(number) for number in asked}
        return {key: ports for key, ports in self.found.items() if key.source in names or key.target in names}

    def _add_answering(self, asked: Collection[int]) -> None:
        """Add what pods may open to those that policies isolate."""
        every = range(len(self.pods))  # those that a pod may reach whose policies bound nothing
        leaving = {number: self._leaving(number) for number in asked}
        reached = (target for ends in leaving.values() for target in (every if ends is None else ends))
        for number in {*asked, *reached}:
            entering = self._side(self.pods[number], INGRESS)
            if entering is None:
                self._add(ANYBODY, self._name(number), EVERY_PORT)
            for source, allowed in (entering or {}).items():
                if number in asked or source in asked:
                    towards = self._leaving(source)
                    ports = allowed if towards is None else allowed & towards.get(number, NO_PORT)
                    self._add(self._name(source), self._name(number), ports)
        for number, ends in leaving.items():
            if ends is None:
                self._add(self._name(number), ANYBODY, EVERY_PORT)

    def _leaving(self, number: int) -> _Ends | None:
        if number not in self._found_leaving:
            self._found_leaving[number] = self._side(self.pods[number], EGRESS)
        return self._found_leaving[number]

    def openers(self, names: Collection[str]) -> Openers:
        """Tell for which connections some policies are, whatever the others say; `names` are namespace/name."""
        found: Openers = defaultdict(set)
        spaces = {name.partition("/")[0] for name in names}
        for number in [number for space in spaces for number in self.spaces.get(space, ())]:
            pod = self.pods[number]
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

    def _add_to_open(self, asked: Collection[int]) -> None:
        """Add what isolated pods may open to pods that nothing isolates."""
        is_open = [not self.world.isolating(pod, INGRESS) for pod in self.pods]
        sources = range(len(self.pods)) if any(is_open[number] for number in asked) else asked
        for number in sources:
            for target, ports in (self._leaving(number) or {}).items():
                if is_open[target] and (number in asked or target in asked):
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


def _elsewhere(policies: Sequence[Policy], ends: Sequence[PodEndpoint]) -> Iterator[PodEndpoint]:
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
