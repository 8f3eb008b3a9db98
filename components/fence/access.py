"""Access to an app's namespace: roles for its team, and ServiceAccounts with what its pods declare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lightkube.models.core_v1 import LocalObjectReference, ServiceAccount
from lightkube.models.rbac_v1 import PolicyRule, Role, RoleBinding, RoleRef, Subject

from components.objects.manifest import Scope
from envs.config.model.account import Account, Permission
from envs.config.model.team import Team

READ = ["get", "list", "watch"]
WRITE = ["create", "update", "patch", "delete"]

_WORKLOADS = ["daemonsets", "deployments", "statefulsets"]
# No Secrets, since they hold credentials. No exec, since it bypasses review, images and Git.
_VIEW = (
    PolicyRule(
        apiGroups=[""],
        resources=[
            "configmaps",
            "endpoints",
            "events",
            "limitranges",
            "persistentvolumeclaims",
            "pods",
            "pods/log",
            "resourcequotas",
            "serviceaccounts",
            "services",
        ],
        verbs=READ,
    ),
    PolicyRule(apiGroups=["apps"], resources=["controllerrevisions", "replicasets", *_WORKLOADS], verbs=READ),
    PolicyRule(apiGroups=["batch"], resources=["cronjobs", "jobs"], verbs=READ),
    PolicyRule(apiGroups=["autoscaling"], resources=["horizontalpodautoscalers"], verbs=READ),
    PolicyRule(apiGroups=["discovery.k8s.io"], resources=["endpointslices"], verbs=READ),
    PolicyRule(apiGroups=["metrics.k8s.io"], resources=["pods"], verbs=["get", "list"]),
    PolicyRule(apiGroups=["networking.k8s.io"], resources=["ingresses", "networkpolicies"], verbs=READ),
    PolicyRule(apiGroups=["policy"], resources=["poddisruptionbudgets"], verbs=READ),
)
# A deleted pod comes back as its workload says. `kubectl rollout restart` would patch the workload itself, and RBAC
# cannot tell that from any other change of it.
_OPERATE = (*_VIEW, PolicyRule(apiGroups=[""], resources=["pods"], verbs=["delete"]))
_DEPLOY = (
    *_OPERATE,
    PolicyRule(apiGroups=["apps"], resources=_WORKLOADS, verbs=["patch"]),
    PolicyRule(
        apiGroups=["apps"],
        resources=["deployments/scale", "statefulsets/scale"],
        verbs=["get", "patch", "update"],
    ),
    PolicyRule(apiGroups=["batch"], resources=["jobs"], verbs=["create", "delete"]),
)
_ADMIN = (
    *_DEPLOY,
    PolicyRule(apiGroups=[""], resources=["configmaps", "persistentvolumeclaims", "services"], verbs=WRITE),
    PolicyRule(apiGroups=["apps"], resources=_WORKLOADS, verbs=["create", "update", "delete"]),
    PolicyRule(apiGroups=["batch"], resources=["cronjobs"], verbs=WRITE),
    PolicyRule(apiGroups=["batch"], resources=["jobs"], verbs=["patch", "update"]),
    PolicyRule(apiGroups=["autoscaling"], resources=["horizontalpodautoscalers"], verbs=WRITE),
    PolicyRule(apiGroups=["networking.k8s.io"], resources=["ingresses"], verbs=WRITE),
    PolicyRule(apiGroups=["policy"], resources=["poddisruptionbudgets"], verbs=WRITE),
)


def access(scope: Scope, team: Team | None) -> Iterator[Role | RoleBinding]:
    """Make the roles of a team and bind its groups to them; roles without groups are omitted."""
    if team is None:
        return
    grants: tuple[tuple[str, Sequence[PolicyRule], Sequence[str]], ...] = (
        ("view", _VIEW, team.groups.view),
        ("operate", _OPERATE, team.groups.operate),
        ("deploy", _DEPLOY, team.groups.deploy),
        ("admin", _ADMIN, team.groups.admin),
    )
    for name, rules, groups in grants:
        if groups:
            yield _role(scope, f"team-{name}", rules)
            yield _binding(scope, f"team-{name}", [_group(group) for group in groups])


def accounts(scope: Scope) -> Iterator[ServiceAccount | Role | RoleBinding]:
    """Make one ServiceAccount per workload, without a token, and the role that its permissions declare.

    An app with a separate repository gets one account, with the name of the app.
    """
    declared = {name: Account() for name in scope.app.pods}
    declared |= {name: workload.account for name, workload in scope.app.workloads.items()}
    for name, account in (declared or ({scope.name: Account()} if scope.app.source else {})).items():
        yield ServiceAccount(
            apiVersion="v1",
            kind="ServiceAccount",
            metadata=scope.metadata(name, annotations=account.annotations),
            automountServiceAccountToken=False,
            imagePullSecrets=[LocalObjectReference(name=secret) for secret in scope.app.pull_secrets] or None,
        )
        if account.permissions:
            role = f"account-{name}"
            rules = [_permission(permission) for permission in account.permissions.values()]
            yield _role(scope, role, rules)
            subject = Subject(kind="ServiceAccount", name=name, namespace=scope.namespace)
            yield _binding(scope, role, [subject])


def _group(name: str) -> Subject:
    return Subject(apiGroup="rbac.authorization.k8s.io", kind="Group", name=name)


def _permission(permission: Permission) -> PolicyRule:
    return PolicyRule(
        apiGroups=[permission.group or ""],
        resources=list(permission.resources),
        verbs=list(permission.verbs),
        resourceNames=list(permission.names) or None,
    )


def _role(scope: Scope, name: str, rules: Sequence[PolicyRule]) -> Role:
    return Role(
        apiVersion="rbac.authorization.k8s.io/v1",
        kind="Role",
        metadata=scope.metadata(name),
        rules=list(rules),
    )


def _binding(scope: Scope, role: str, subjects: Sequence[Subject]) -> RoleBinding:
    return RoleBinding(
        apiVersion="rbac.authorization.k8s.io/v1",
        kind="RoleBinding",
        metadata=scope.metadata(role),
        roleRef=RoleRef(apiGroup="rbac.authorization.k8s.io", kind="Role", name=role),
        subjects=list(subjects),
    )
