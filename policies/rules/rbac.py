"""Rules over roles and bindings: no permissions that lead to all permissions.

Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/ and CIS Kubernetes Benchmark 5.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from policies.context import Context, Level
from policies.rule import Area, ObjectRule, Violation
from policies.rules.baseline import entries_of_text
from policies.subject import Subject, dig, named_entries

ROLES = frozenset({"Role", "ClusterRole"})
BINDINGS = frozenset({"RoleBinding", "ClusterRoleBinding"})

ESCALATING_VERBS = ("escalate", "bind", "impersonate")
READING_VERBS = ("get", "list", "watch", "patch")  # the answer to a patch carries the whole object
WRITING_VERBS = ("create", "update", "patch")
SHELLS = (
    "pods/exec",
    "pods/attach",
    "pods/portforward",
    "pods/proxy",
    "pods/ephemeralcontainers",
    "services/proxy",
    "nodes/proxy",
)
GATES = (
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "certificatesigningrequests/approval",
)


def check_wildcards(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find wildcards, which also grant what does not exist yet."""
    for path, rule in named_entries("rules", subject.manifest.get("rules")):
        for field in ("apiGroups", "resources", "verbs", "nonResourceURLs"):
            wild = [entry for entry in entries_of_text(rule.get(field)) if "*" in entry]
            if wild:
                yield Violation(
                    f"{path}.{field}", f'"{wild[0]}" grants more than anybody has listed; list what is needed'
                )


def check_escalation(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find permissions that can be used to gain more permissions."""
    for path, rule in named_entries("rules", subject.manifest.get("rules")):
        for verb in ESCALATING_VERBS:
            if verb in entries_of_text(rule.get("verbs")):
                yield Violation(
                    f"{path}.verbs", f"the verb {verb} leads to permissions beyond this role; remove it"
                )
        for resource in _granted(rule, GATES, WRITING_VERBS):
            message = f"whoever writes {resource} decides what the API server admits; remove it"
            yield Violation(f"{path}.resources", message)


def check_secrets(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find permissions to read every Secret."""
    for path, rule in named_entries("rules", subject.manifest.get("rules")):
        if not entries_of_text(rule.get("resourceNames")) and _granted(rule, ("secrets",), READING_VERBS):
            message = "this reads every Secret; name the few that are needed in resourceNames"
            yield Violation(f"{path}.resources", message)


def check_shells(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find permissions to enter running pods or to connect through the node."""
    for path, rule in named_entries("rules", subject.manifest.get("rules")):
        for resource in _granted(rule, SHELLS, None):
            yield Violation(
                f"{path}.resources",
                f"{resource} gives access to running pods, bypassing every review; remove it",
            )


def check_token_requests(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find permissions to act as another account."""
    for path, rule in named_entries("rules", subject.manifest.get("rules")):
        if _granted(rule, ("serviceaccounts/token",), ("create",)):
            message = "whoever creates tokens can act as these accounts; remove serviceaccounts/token"
            yield Violation(f"{path}.resources", message)


def check_cluster_admin(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find bindings to cluster-admin."""
    if dig(subject.manifest, "roleRef", "name") == "cluster-admin":
        yield Violation("roleRef.name", "cluster-admin may do everything everywhere; bind a narrower role")


def check_system_groups(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find bindings to groups of the system."""
    for path, bound in named_entries("subjects", subject.manifest.get("subjects")):
        name = bound.get("name")
        group = bound.get("kind") == "Group" and isinstance(name, str) and name.startswith("system:")
        if group or (bound.get("kind") == "User" and name == "system:anonymous"):
            yield Violation(f"{path}.name", f'"{name}" is not a person or an account; name the subjects')


def _granted(rule: dict[str, Any], resources: tuple[str, ...], verbs: tuple[str, ...] | None) -> list[str]:
    """List the resources that the rule grants with one of the verbs (None: any verb)."""
    named = entries_of_text(rule.get("verbs"))
    if not (named if verbs is None else set(verbs) & set(named)):
        return []
    return [resource for resource in entries_of_text(rule.get("resources")) if resource in resources]


def _rule(
    name: str,
    law: str,
    why: str,
    kinds: frozenset[str],
    check: Callable[[Subject, Context], Iterator[Violation]],
) -> ObjectRule:
    return ObjectRule(
        id=name,
        area=Area.ACCESS,
        law=law,
        why=why,
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=kinds,
        check=check,
    )


RULES = (
    _rule(
        "roles-list-what-they-grant",
        "Roles contain no wildcards.",
        "A wildcard also grants what a later version of the cluster adds.",
        ROLES,
        check_wildcards,
    ),
    _rule(
        "roles-do-not-escalate",
        "Roles grant neither the verbs escalate, bind and impersonate nor writes to admission configurations.",
        "Each of them leads to every other permission.",
        ROLES,
        check_escalation,
    ),
    _rule(
        "roles-read-named-secrets-only",
        "Roles read Secrets only by name.",
        "Whoever reads all Secrets of a namespace can act as every account in it.",
        ROLES,
        check_secrets,
    ),
    _rule(
        "roles-open-no-shell",
        "Roles give no access to running pods or through nodes.",
        "A shell in a pod has the pod's identity and secrets, and leaves no commit.",
        ROLES,
        check_shells,
    ),
    _rule(
        "roles-create-no-tokens",
        "Roles do not create tokens of ServiceAccounts.",
        "Whoever has a token can act as the account.",
        ROLES,
        check_token_requests,
    ),
    _rule(
        "bindings-avoid-cluster-admin",
        "Nobody is bound to cluster-admin.",
        "It is for the break-glass account of whoever runs the cluster.",
        BINDINGS,
        check_cluster_admin,
    ),
    _rule(
        "bindings-name-who-they-mean",
        "Bindings name no group of the system.",
        "system:authenticated is everybody, system:masters cannot be revoked.",
        BINDINGS,
        check_system_groups,
    ),
)
