"""Access to an app's namespace: roles for its team, and ServiceAccounts without permissions for its pods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lightkube.models.core_v1 import LocalObjectReference, ServiceAccount
from lightkube.models.rbac_v1 import PolicyRule, Role, RoleBinding, RoleRef, Subject

from components.objects.manifest import Scope
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
            yield Role(
                apiVersion="rbac.authorization.k8s.io/v1",
                kind="Role",
                metadata=scope.metadata(f"team-{name}"),
                rules=list(rules),
            )
            yield _binding(scope, f"team-{name}", groups)


def accounts(scope: Scope) -> Iterator[ServiceAccount]:
    """Make one ServiceAccount per workload, without a token.

    An app with a separate repository gets one with the name of the app.
    """
    for name in scope.app.pods or ([scope.name] if scope.app.source else []):
        yield ServiceAccount(
            apiVersion="v1",
            kind="ServiceAccount",
            metadata=scope.metadata(name),
            automountServiceAccountToken=False,
            imagePullSecrets=[LocalObjectReference(name=secret) for secret in scope.app.pull_secrets] or None,
        )


def _binding(scope: Scope, role: str, groups: Sequence[str]) -> RoleBinding:
    return RoleBinding(
        apiVersion="rbac.authorization.k8s.io/v1",
        kind="RoleBinding",
        metadata=scope.metadata(role),
        roleRef=RoleRef(apiGroup="rbac.authorization.k8s.io", kind="Role", name=role),
        subjects=[
            Subject(apiGroup="rbac.authorization.k8s.io", kind="Group", name=group) for group in groups
        ],
    )
