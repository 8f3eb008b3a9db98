"""Rules over roles and bindings: no permissions that lead to all permissions.

Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/ and CIS Kubernetes Benchmark 5.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policies.context import Context, Level
from policies.rule import Area, ObjectRule, Violation
from policies.rules.baseline import entries_of_text
from policies.subject import Subject, dig, named_entries, text

ROLES = frozenset({"Role", "ClusterRole"})
BINDINGS = frozenset({"RoleBinding", "ClusterRoleBinding"})

ESCALATING_VERBS = ("escalate", "bind", "impersonate")
READING_VERBS = ("get", "list", "watch", "patch")  # the answer to a patch carries the whole object
WRITING_VERBS = ("create", "update", "patch")
REMOVING_VERBS = ("delete", "deletecollection")
CORE, ADMISSION = "", "admissionregistration.k8s.io"
# Resources with their groups: one of the same name in another group is something else.
SHELLS = dict.fromkeys(
    (
        "pods/exec",
        "pods/attach",
        "pods/portforward",
        "pods/proxy",
        "pods/ephemeralcontainers",
        "services/proxy",
        "nodes/proxy",
    ),
    CORE,
)
GATES = {
    "mutatingwebhookconfigurations": ADMISSION,
    "validatingwebhookconfigurations": ADMISSION,
    "mutatingadmissionpolicies": ADMISSION,
    "mutatingadmissionpolicybindings": ADMISSION,
    "validatingadmissionpolicies": ADMISSION,
    "validatingadmissionpolicybindings": ADMISSION,
    "certificatesigningrequests/approval": "certificates.k8s.io",
}
BOUNDS = {"namespaces": CORE, "namespaces/finalize": CORE}
HOLDERS = {"pods": CORE, "persistentvolumes": CORE}
SECRETS = {"secrets": CORE}
TOKENS = {"serviceaccounts/token": CORE}
_HOLDS = {
    "pods": "whoever creates pods can run them as every ServiceAccount of the namespace; grant a workload kind instead",
    "persistentvolumes": "whoever creates PersistentVolumes can mount the file system of a node; remove it",
}
AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"


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
        for verb in entries_of_text(rule.get("verbs")):
            if verb in ESCALATING_VERBS:
                yield Violation(
                    f"{path}.verbs", f"the verb {verb} leads to permissions beyond this role; remove it"
                )
        for resource in _granted(rule, GATES, (*WRITING_VERBS, *REMOVING_VERBS)):
            message = f"whoever writes or deletes {resource} decides what the API server admits; remove it"
            yield Violation(f"{path}.resources", message)
        for resource in _granted(rule, BOUNDS, ("update", "patch")):
            message = f"whoever changes {resource} can switch Pod Security off by a label; remove it"
            yield Violation(f"{path}.resources", message)
        for resource in _granted(rule, HOLDERS, ("create",)):
            yield Violation(f"{path}.resources", _HOLDS[resource])


def check_aggregation(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find roles that become part of others, and roles that take in every other one."""
    for label, value in subject.labels.items():
        if label.startswith(AGGREGATE) and value == "true":
            message = (
                f"whoever has the role {label.removeprefix(AGGREGATE)} gets these permissions; bind the role"
            )
            yield Violation(f"metadata.labels[{label}]", message)
    for path, selector in named_entries(
        "aggregationRule.clusterRoleSelectors",
        dig(subject.manifest, "aggregationRule", "clusterRoleSelectors"),
    ):
        if not (selector.get("matchLabels") or selector.get("matchExpressions")):
            yield Violation(
                path, "an empty selector takes in every ClusterRole; select by a label of your own"
            )


def check_secrets(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find permissions to read every Secret."""
    for path, rule in named_entries("rules", subject.manifest.get("rules")):
        if not entries_of_text(rule.get("resourceNames")) and _granted(rule, SECRETS, READING_VERBS):
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
        if _granted(rule, TOKENS, ("create",)):
            message = "whoever creates tokens can act as these accounts; remove serviceaccounts/token"
            yield Violation(f"{path}.resources", message)


def check_cluster_admin(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find bindings to cluster-admin."""
    if dig(subject.manifest, "roleRef", "name") == "cluster-admin":
        yield Violation("roleRef.name", "cluster-admin may do everything everywhere; bind a narrower role")


def check_system_groups(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find bindings to groups and users of the system, and to accounts that are written as users."""
    for path, bound in named_entries("subjects", subject.manifest.get("subjects")):
        name = text(bound.get("name"))
        if bound.get("kind") not in ("Group", "User") or not name.startswith("system:"):
            continue
        if bound.get("kind") == "User" and name.startswith(_ACCOUNT):
            message = f'"{name}" is a ServiceAccount; write kind: ServiceAccount with its namespace'
        else:
            message = f'"{name}" is not a person or an account; name the subjects'
        yield Violation(f"{path}.name", message)


_ACCOUNT = "system:serviceaccount:"


def _granted(rule: dict[str, Any], resources: Mapping[str, str], verbs: tuple[str, ...] | None) -> list[str]:
    """List the resources that the rule grants with one of the verbs (None: any verb)."""
    named = [resource for resource in entries_of_text(rule.get("resources")) if resource in resources]
    if not named:
        return []
    groups, said = entries_of_text(rule.get("apiGroups")), entries_of_text(rule.get("verbs"))
    if not (said if verbs is None else set(verbs) & set(said)):
        return []
    return [resource for resource in named if resources[resource] in groups or "*" in groups]


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
        "Roles grant no escalation: neither its verbs nor writes to what admits, bounds or carries pods.",
        "The verbs escalate, bind and impersonate, admission configurations, namespaces, pods and PersistentVolumes "
        "each lead to permissions that the role does not name.",
        ROLES,
        check_escalation,
    ),
    _rule(
        "roles-stay-by-themselves",
        "ClusterRoles are not aggregated into admin, edit or view, and take in no unnamed ones.",
        "The permissions of everybody who holds the other role grow without a binding.",
        frozenset({"ClusterRole"}),
        check_aggregation,
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
        "Bindings name no group or user of the system, and accounts as accounts.",
        "system:authenticated is everybody, system:masters cannot be revoked, and a user system:serviceaccount:… hides "
        "whose account it is.",
        BINDINGS,
        check_system_groups,
    ),
)
