"""Rules over namespaces: objects name one of an app, and each has its whole fence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kube.labels import PREFIX
from policies.carriers import pods
from policies.context import Context, Level, Tier
from policies.network.cluster import ENVIRONMENT_LABEL
from policies.network.reachability import EGRESS, INGRESS, Policy
from policies.rule import Area, EnvironmentRule, ObjectRule, Violation
from policies.subject import Subject, dig, sequence

TIER_LABEL = f"{PREFIX}/tier"
ENFORCE_LABEL = "pod-security.kubernetes.io/enforce"
NAMESPACED = frozenset(
    {
        "ConfigMap",
        "CronJob",
        "DaemonSet",
        "Deployment",
        "Endpoints",
        "EndpointSlice",
        "HorizontalPodAutoscaler",
        "Ingress",
        "Job",
        "Lease",
        "LimitRange",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "Pod",
        "PodDisruptionBudget",
        "PodTemplate",
        "ReplicaSet",
        "ReplicationController",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "Secret",
        "Service",
        "ServiceAccount",
        "StatefulSet",
    }
)


def check_namespace(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find objects without a namespace, or in `default`."""
    if subject.partial or subject.namespace not in ("", "default"):
        return
    written = 'the namespace "default"' if subject.namespace else "no namespace"
    yield Violation("metadata.namespace", f"{written} is named; name the namespace of the app")


def check_complete(own: Sequence[Subject], context: Context) -> Iterator[tuple[Subject, Violation]]:
    """Find namespaces without labels, quota, limits or default deny, and pods in undeclared namespaces."""
    by_namespace: dict[str, list[Subject]] = {}
    for subject in own:
        by_namespace.setdefault(subject.namespace, []).append(subject)
    declared = {subject.name for subject in own if subject.kind == "Namespace"}
    for subject in own:
        if subject.kind == "Namespace":
            for fault in (*_labels(subject, context), *_fence(by_namespace.get(subject.name, []))):
                yield subject, fault
    yield from _existing(by_namespace, context)
    declared |= set(context.namespaces)
    for namespace, members in by_namespace.items():
        pod = next((member for member in members if pods(member)), None)
        if pod is not None and namespace and namespace not in declared:
            message = f"the namespace {namespace} is not declared; declare it with its whole fence"
            yield pod, Violation("metadata.namespace", message)


def check_labels(subject: Subject, context: Context) -> Iterator[Violation]:
    """Find a namespace that opens itself: to other environments, or to pods without Pod Security."""
    if subject.kind == "Namespace" and subject.builtin:
        yield from _labels(subject, context)


def _existing(
    by_namespace: Mapping[str, list[Subject]], context: Context
) -> Iterator[tuple[Subject, Violation]]:
    """Judge what there is of namespaces that somebody else has made."""
    for name, labels in context.namespaces.items():
        members = by_namespace.get(name, [])
        for fault in (*_known(name, labels, context), *_fence(members)) if members else ():
            yield members[0], Violation("metadata.namespace", fault.message)


def _labels(namespace: Subject, context: Context) -> Iterator[Violation]:
    yield from _label(namespace, ENVIRONMENT_LABEL, context.environment)
    yield from _label(namespace, TIER_LABEL, context.tier)
    if namespace.labels.get(ENFORCE_LABEL) not in _allowed(context):
        levels = " or ".join(_allowed(context))
        yield Violation(f"metadata.labels[{ENFORCE_LABEL}]", f"set this label to {levels}")


def _known(name: str, labels: Mapping[str, str], context: Context) -> Iterator[Violation]:
    """Judge a namespace that somebody else has made by the labels that it is said to have."""
    if labels.get(ENFORCE_LABEL) not in _allowed(context):
        level = f"{ENFORCE_LABEL}: {' or '.join(_allowed(context))}"
        message = f"nothing says that the namespace {name}, which exists, has the label {level}"
        yield Violation("", f"{message}; set it there, and declare it in `namespace.labels` of its app")


def _allowed(context: Context) -> tuple[str, ...]:
    return ("restricted",) if context.tier is Tier.PRODUCTION else ("restricted", "baseline")


def _label(namespace: Subject, key: str, expected: str) -> Iterator[Violation]:
    value = namespace.labels.get(key)
    if not value or (expected and value != expected):
        yield Violation(
            f"metadata.labels[{key}]", f"set this label to {expected or 'the name of the environment'}"
        )


def _fence(members: list[Subject]) -> Iterator[Violation]:
    for kind, purpose in (
        ("ResourceQuota", "what all pods may use"),
        ("LimitRange", "what a container may use"),
    ):
        if not any(member.kind == kind for member in members):
            yield Violation("metadata.name", f"no {kind} says {purpose}; add one to the namespace")
    policies = [Policy(member) for member in members if member.kind == "NetworkPolicy"]
    for direction in (INGRESS, EGRESS):
        if not any(_denies_all(policy, direction) for policy in policies):
            message = (
                f"no NetworkPolicy denies {direction} by default; add one with podSelector {{}} and no rules"
            )
            yield Violation("metadata.name", message)


def _denies_all(policy: Policy, direction: str) -> bool:
    selector = dig(policy.subject.manifest, "spec", "podSelector") or {}
    selects_all = not selector.get("matchLabels") and not sequence(selector.get("matchExpressions"))
    return selects_all and direction in policy.types and not policy.rules(direction)


RULES = (
    ObjectRule(
        id="objects-name-their-namespace",
        area=Area.ENVIRONMENT,
        law="Objects name their namespace, and it is not `default`.",
        why="Without one they go to the namespace of the caller's context; `default` has no fence.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        relaxable=True,
        kinds=NAMESPACED,
        check=check_namespace,
    ),
    EnvironmentRule(
        id="namespaces-are-complete",
        area=Area.ENVIRONMENT,
        law="Every namespace has its labels, a quota, a limit range and a default deny both ways.",
        why="Without labels the rules cannot judge it; without bounds it can starve the others.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        check=check_complete,
        part=check_labels,
    ),
)
