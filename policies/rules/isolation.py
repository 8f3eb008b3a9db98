"""Rules over reachability: every pod is isolated, and none reaches a pod of another environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kube.labels import PREFIX
from policies.context import Context, Level
from policies.network.label_selector import Requirement, satisfiable
from policies.network.reachability import (
    EGRESS,
    INGRESS,
    PodEndpoint,
    Policy,
    World,
    block_holds_pods,
    endpoint,
    outward_peers,
)
from policies.pods import pods
from policies.rule import Area, EnvironmentRule, Violation
from policies.subject import Subject, mapping, subjects

ENVIRONMENT_LABEL = f"{PREFIX}/environment"
NAMESPACE_LABEL = "kubernetes.io/metadata.name"
_SOMEBODY_ELSE = "some other name"


@dataclass(frozen=True)
class Neighbourhood:
    """The pods of this environment and of the others, and everything that decides who reaches whom."""

    world: World
    own: list[PodEndpoint]
    others: list[PodEndpoint]
    environments: dict[str, str]
    _matching: dict[int, bool] = field(default_factory=dict, repr=False)

    def environment(self, pod: PodEndpoint) -> str:
        """Return the environment of a pod."""
        return self.environments.get(pod.namespace, "")

    def open_to_others(self, pod: PodEndpoint, direction: str) -> bool:
        """Tell, by a cheap test, whether the pod could reach another environment."""
        if not self.world.isolating(pod, direction):
            return True
        return any(self._leads_out(policy, peer) for policy, _, peer in self.world.reaching(pod, direction))

    def _leads_out(self, policy: Policy, peer: dict[str, Any] | None) -> bool:
        if peer is None or not peer:
            return True
        if id(peer) not in self._matching:
            self._matching[id(peer)] = self._matches_another(policy, peer)
        return self._matching[id(peer)]

    def _matches_another(self, policy: Policy, peer: dict[str, Any]) -> bool:
        home = self.environments.get(policy.subject.namespace, "")
        wide: dict[str, Any] = {key: peer[key] for key in ("namespaceSelector", "ipBlock") if key in peer}
        return any(
            self.world.admits(policy, [wide], PodEndpoint(policy.subject, name, {}))
            for name, environment in self.environments.items()
            if environment != home
        )


def neighbourhood(own: Sequence[Subject], context: Context) -> Neighbourhood:
    """Put the manifests of all environments of a cluster into one world."""
    environments = _environments(own, context.environment)
    foreign: list[Subject] = []
    for name, manifests in context.neighbours.items():
        theirs = [subject for manifest in manifests for subject in subjects(manifest)]
        environments = _environments(theirs, name) | environments
        foreign += theirs
    everything = [*own, *foreign]
    labels: dict[str, Mapping[str, Any]] = {**context.namespaces}
    labels |= {subject.name: subject.labels for subject in everything if subject.kind == "Namespace"}
    world = World(labels, _policies(everything), context.pod_networks)
    return Neighbourhood(world, _endpoints(own), _endpoints(foreign), environments)


def _environments(listed: Iterable[Subject], environment: str) -> dict[str, str]:
    found = {subject.namespace: environment for subject in listed if subject.namespace}
    for subject in listed:
        if subject.kind == "Namespace":
            found[subject.name] = str(subject.labels.get(ENVIRONMENT_LABEL) or environment)
    return found


def _policies(listed: Iterable[Subject]) -> list[Policy]:
    return [
        Policy(subject)
        for subject in listed
        if subject.kind == "NetworkPolicy" and subject.group == "networking.k8s.io" and not subject.partial
    ]


def _endpoints(listed: Iterable[Subject]) -> list[PodEndpoint]:
    return [
        endpoint(subject, pod)
        for subject in listed
        for pod in pods(subject)
        if not pod.partial and not pod.spec.get("hostNetwork")
    ]


def check_isolated(own: Sequence[Subject], _context: Context) -> Iterator[tuple[Subject, Violation]]:
    """Find pods that no NetworkPolicy selects in one direction."""
    world = World({}, _policies(own))
    for pod in _endpoints(own):
        for direction in (INGRESS, EGRESS):
            if not world.isolating(pod, direction):
                message = f"no NetworkPolicy isolates this pod for {direction}; add a default deny"
                yield pod.subject, Violation(pod.path, message)


def check_reachability(own: Sequence[Subject], context: Context) -> Iterator[tuple[Subject, Violation]]:
    """Find connections between environments: first peers that match anybody, then each pair of environments."""
    near = neighbourhood(own, context)
    seen: set[tuple[int, str]] = set()
    ours = {id(subject) for subject in own}
    for policy in near.world.policies:
        if id(policy.subject) not in ours:
            continue
        for path, message in _gates(policy, near, context):
            seen.add((id(policy.subject), path))
            yield policy.subject, Violation(path, message)
    yield from _pairs(near, seen)


def _gates(policy: Policy, near: Neighbourhood, context: Context) -> Iterator[tuple[str, str]]:
    """Find peers that would match a pod of any other environment."""
    home = near.environments.get(policy.subject.namespace, "")
    for direction in sorted(policy.types & {INGRESS, EGRESS}):
        for _, path, peer in outward_peers(policy, direction):
            if peer is None or not peer:
                yield (
                    path,
                    "an empty list of peers allows everybody, including other environments; name the peers",
                )
            elif peer.get("ipBlock") is not None:
                # Where the networks of pods are not declared, `_pairs` judges a block by the pods that it allows.
                known = context.pod_networks is not None
                if known and block_holds_pods(mapping(peer["ipBlock"]), context.pod_networks):
                    yield (
                        path,
                        "this block contains pods of other environments; put the pod networks into except",
                    )
            elif _anybody(peer, home):
                message = f"pods of other environments can match this; select namespaces by {NAMESPACE_LABEL}"
                yield path, message


def _anybody(peer: dict[str, Any], home: str) -> bool:
    """Tell whether a namespace of another environment, with any other labels, could match."""

    def foreign_name(asked: list[Requirement]) -> bool:
        return all(requirement.holds({NAMESPACE_LABEL: _SOMEBODY_ELSE}) for requirement in asked)

    def foreign_environment(asked: list[Requirement]) -> bool:
        values = {_SOMEBODY_ELSE}.union(*(requirement.values for requirement in asked)) - {home}
        return any(
            all(requirement.holds({ENVIRONMENT_LABEL: value}) for requirement in asked) for value in values
        )

    fixed = {NAMESPACE_LABEL: foreign_name, ENVIRONMENT_LABEL: foreign_environment}
    spaces, chosen = mapping(peer.get("namespaceSelector")), mapping(peer.get("podSelector"))
    return satisfiable(spaces, fixed) and satisfiable(chosen)


def _pairs(near: Neighbourhood, seen: set[tuple[int, str]]) -> Iterator[tuple[Subject, Violation]]:
    leaving = [pod for pod in near.own if near.open_to_others(pod, EGRESS)]
    entered = [pod for pod in near.own if near.open_to_others(pod, INGRESS)]
    strangers_in = [pod for pod in near.others if near.open_to_others(pod, INGRESS)]
    strangers_out = [pod for pod in near.others if near.open_to_others(pod, EGRESS)]
    for pod in leaving:
        yield from _connections(near, pod, [*entered, *strangers_in], EGRESS, seen)
    for pod in entered:
        yield from _connections(near, pod, strangers_out, INGRESS, seen)


def _connections(
    near: Neighbourhood,
    pod: PodEndpoint,
    others: list[PodEndpoint],
    direction: str,
    seen: set[tuple[int, str]],
) -> Iterator[tuple[Subject, Violation]]:
    """Report the first connection of one pod to each other environment."""
    reported: set[str] = set()
    for other in others:
        environment = near.environment(other)
        if environment == near.environment(pod) or environment in reported:
            continue
        source, destination = (pod, other) if direction == EGRESS else (other, pod)
        ports = near.world.allowed(source, destination)
        if not ports:
            continue
        reported.add(environment)
        subject, path = _gate_of(near.world, pod, other, direction)
        if (id(subject), path) not in seen:
            seen.add((id(subject), path))
            verb = "reaches" if direction == EGRESS else "is reached by"
            where = environment or "another environment"
            message = (
                f"{pod.subject.id} {verb} {other.subject.id} of {where} on {ports}; remove this connection"
            )
            yield subject, Violation(path, message)


def _gate_of(world: World, pod: PodEndpoint, other: PodEndpoint, direction: str) -> tuple[Subject, str]:
    """Return the place of the peer that allows the other pod, or of the pod itself if nothing isolates it."""
    for policy, path, peer in world.reaching(pod, direction):
        if world.admits(policy, None if peer is None else [peer], other):
            return policy.subject, path
    return pod.subject, pod.path


RULES = (
    EnvironmentRule(
        id="pods-are-isolated",
        area=Area.NETWORK,
        law="NetworkPolicies isolate every pod, for ingress and for egress.",
        why="A pod that no policy selects may connect to everything.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        check=check_isolated,
    ),
    EnvironmentRule(
        id="environments-do-not-reach-each-other",
        area=Area.NETWORK,
        law="No pod reaches a pod of another environment; computed from all NetworkPolicies together.",
        why="Policies only add: one stray allow anywhere undoes a default deny.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        check=check_reachability,
    ),
)
