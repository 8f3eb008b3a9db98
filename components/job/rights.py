"""RBAC of the GitOps job: the kinds that it applies in their namespaces, and its own records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import (
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    Subject,
)

from components.errors import ComponentError
from components.job.job import ACCOUNT, NAME, job_scope
from components.job.settings import Kinds
from components.job.watched import watched_scopes
from components.objects.manifest import Scope
from envs.config.model.environment import Environment
from kube.kinds import IN_NAMESPACES, plural

_GROUP = "rbac.authorization.k8s.io"
_VERSION = f"{_GROUP}/v1"
_WRITE = ["get", "list", "create", "patch", "delete"]
_REMOVE = ["list", "delete"]
# The job never applies these, whatever a source contains: the fence, and what reads credentials.
_REFUSED = frozenset(
    {"Secret", "Role", "RoleBinding", "ServiceAccount", "NetworkPolicy", "ResourceQuota", "LimitRange"}
)

# The kinds that components make. The job may delete what is left of them even when the app has none any more, or
# the last object of a kind could never go: what was rendered before is not known here. Custom kinds are said in the
# layers, as `formerKinds`.
_STANDARD = (
    "ConfigMap",
    "PersistentVolumeClaim",
    "Service",
    "apps/DaemonSet",
    "apps/Deployment",
    "apps/StatefulSet",
    "autoscaling/HorizontalPodAutoscaler",
    "batch/CronJob",
    "batch/Job",
    "bitnami.com/SealedSecret",
    "external-secrets.io/ExternalSecret",
    "networking.k8s.io/Ingress",
    "policy/PodDisruptionBudget",
)

_RECORDS = (
    PolicyRule(apiGroups=[""], resources=["configmaps"], verbs=["get", "list", "create", "patch", "delete"]),
    PolicyRule(apiGroups=["coordination.k8s.io"], resources=["leases"], verbs=["get", "create", "update"]),
    PolicyRule(apiGroups=[""], resources=["events"], verbs=["create"]),
    # `kubectl describe cronjob gitops` finds Events by the uid of the CronJob.
    PolicyRule(apiGroups=["batch"], resources=["cronjobs"], resourceNames=[NAME], verbs=["get"]),
)
_EVENTS = PolicyRule(apiGroups=[""], resources=["events"], verbs=["create"])  # about the objects beside them


def gitops_access(
    environment: Environment, kinds: Kinds, others: Sequence[str]
) -> Iterator[Role | RoleBinding | ClusterRole | ClusterRoleBinding]:
    """Make the roles of the job, one a namespace: its own records, what it applies, and what it only looks at.

    `others` are the kinds that it looks for beside the built-in ones.
    """
    if environment.gitops is None or not environment.pulled():
        return
    own = job_scope(environment)
    watched = {scope.name: scope for scope in watched_scopes(environment)}
    pulled = {name: Scope(environment, name, app) for name, app in environment.pulled().items()}
    for name, scope in {**watched, **pulled}.items():
        rules = list(_RECORDS) if scope.namespace == own.namespace else []
        if name in pulled:
            rules += _applied(scope, kinds.get(name, ()))
        if name in watched:
            rules += list(_looks(rules, others))
        yield _role(scope, rules)
        yield _binding(scope, own.namespace)
    if environment.cluster.uid is not None:
        yield from _identity(own)


def _applied(scope: Scope, applied: Sequence[str]) -> list[PolicyRule]:
    former = sorted({*_STANDARD, *scope.app.gitops.former_kinds} - {*applied})
    return [*_rules(scope.name, applied, _WRITE), *_rules(scope.name, former, _REMOVE), _EVENTS]


def _looks(given: Sequence[PolicyRule], others: Sequence[str]) -> Iterator[PolicyRule]:
    """List what other rules do not, and get the Namespace itself: its path counts as inside of it."""
    listed = {
        (group, resource)
        for rule in given
        if "list" in rule.verbs
        for group in rule.apiGroups or ()
        for resource in rule.resources or ()
    }
    groups: dict[str, list[str]] = {}
    for kind in (*IN_NAMESPACES, *others):
        group, _, name = kind.rpartition("/")
        if (group, plural(name)) not in listed:
            groups.setdefault(group, []).append(plural(name))
    yield PolicyRule(apiGroups=[""], resources=["namespaces"], verbs=["get"])
    yield from _by_group(groups, ["list"])


def _rules(app: str, kinds: Sequence[str], verbs: list[str]) -> list[PolicyRule]:
    """List the rules for some kinds; raises ComponentError for one that the job never applies."""
    groups: dict[str, list[str]] = {}
    for kind in kinds:
        group, _, name = kind.rpartition("/")
        if name in _REFUSED:
            message = (
                f"the GitOps job never applies a {name}, which belongs to the fence; use `delivery: push`"
            )
            raise ComponentError(("apps", app), message)
        groups.setdefault(group, []).append(plural(name))
    return _by_group(groups, verbs)


def _by_group(groups: Mapping[str, Sequence[str]], verbs: list[str]) -> list[PolicyRule]:
    return [
        PolicyRule(apiGroups=[group], resources=sorted(resources), verbs=verbs)
        for group, resources in sorted(groups.items())
    ]


def _role(scope: Scope, rules: list[PolicyRule]) -> Role:
    return Role(apiVersion=_VERSION, kind="Role", metadata=scope.metadata(NAME), rules=rules)


def _binding(scope: Scope, job_namespace: str) -> RoleBinding:
    return RoleBinding(
        apiVersion=_VERSION,
        kind="RoleBinding",
        metadata=scope.metadata(NAME),
        roleRef=RoleRef(apiGroup=_GROUP, kind="Role", name=NAME),
        subjects=[Subject(kind="ServiceAccount", name=ACCOUNT, namespace=job_namespace)],
    )


def _identity(own: Scope) -> Iterator[ClusterRole | ClusterRoleBinding]:
    """Let the job read the namespace kube-system, whose uid identifies the cluster."""
    metadata = ObjectMeta(name=f"{own.namespace}-cluster-identity", labels=own.labels)
    rule = PolicyRule(apiGroups=[""], resources=["namespaces"], resourceNames=["kube-system"], verbs=["get"])
    yield ClusterRole(apiVersion=_VERSION, kind="ClusterRole", metadata=metadata, rules=[rule])
    yield ClusterRoleBinding(
        apiVersion=_VERSION,
        kind="ClusterRoleBinding",
        metadata=metadata,
        roleRef=RoleRef(apiGroup=_GROUP, kind="ClusterRole", name=metadata.name or ""),
        subjects=[Subject(kind="ServiceAccount", name=ACCOUNT, namespace=own.namespace)],
    )
