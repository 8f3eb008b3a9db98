"""Rules over reachability: every pod is isolated, and none reaches a pod of another environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policies.context import Context, Level
from policies.network.cluster import (
    ENVIRONMENT_LABEL,
    Cluster,
    Neighbourhood,
    endpoints,
    network_policies,
)
from policies.network.label_selector import Requirement, satisfiable
from policies.network.reachability import (
    EGRESS,
    INGRESS,
    PodEndpoint,
    Policy,
    World,
    block_holds_pods,
    outward_peers,
)
from policies.rule import Area, EnvironmentRule, Violation
from policies.subject import Subject, mapping

NAMESPACE_LABEL = "kubernetes.io/metadata.name"
_SOMEBODY_ELSE = "some other name"


def check_isolated(own: Sequence[Subject], _context: Context) -> Iterator[tuple[Subject, Violation]]:
    """Find pods that no NetworkPolicy selects in one direction."""
    world = World({}, network_policies(own))
    for pod in endpoints(own):
        for direction in (INGRESS, EGRESS):
            if not world.isolating(pod, direction):
                message = f"no NetworkPolicy isolates this pod for {direction}; add a default deny"
                yield pod.subject, Violation(pod.path, message)


def check_reachability(own: Sequence[Subject], context: Context) -> Iterator[tuple[Subject, Violation]]:
    """Find connections between environments: first peers that match anybody, then each pair of environments."""
    cluster = context.cluster or Cluster({})
    near = cluster.around(context.environment, own, context.pod_networks, context.namespaces)
    seen: set[tuple[int, str]] = set()
    for policy in near.residents[context.environment].policies:
        for path, message in _gates(policy, near, context):
            seen.add((id(policy.subject), path))
            yield policy.subject, Violation(path, message)
    yield from _pairs(near, context.environment, seen)


def _gates(policy: Policy, near: Neighbourhood, context: Context) -> Iterator[tuple[str, str]]:
    """Find peers that would match a pod of any other environment."""
    home = near.environment(policy.subject.namespace)
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


def _pairs(
    near: Neighbourhood, environment: str, seen: set[tuple[int, str]]
) -> Iterator[tuple[Subject, Violation]]:
    for direction in (EGRESS, INGRESS):
        for pod in near.leaving(environment, direction):
            yield from _connections(near, environment, pod, direction, seen)


def _connections(
    near: Neighbourhood, name: str, pod: PodEndpoint, direction: str, seen: set[tuple[int, str]]
) -> Iterator[tuple[Subject, Violation]]:
    """Report the first connection of one pod to each other environment."""
    reported: set[str] = {near.environment(pod.namespace)}
    for other in near.partners(name, pod, direction):
        environment = near.environment(other.namespace)
        if environment in reported:
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
