"""Which kinds an app may hold without a word of its environment, and which belong to the fence around it.

Kinds are written with their group: apps/Deployment, Service.
"""

from __future__ import annotations

import re
from typing import Final

from kube.kinds import group_kind
from kube.schema.index import Index

FENCE: Final = frozenset(
    {
        "LimitRange",
        "Namespace",
        "ResourceQuota",
        "ServiceAccount",
        "networking.k8s.io/NetworkPolicy",
        "rbac.authorization.k8s.io/Role",
        "rbac.authorization.k8s.io/RoleBinding",
    }
)
"""What bounds an app, and so is never its own."""
FENCE_OF_CLUSTER: Final = frozenset(
    {
        "Namespace",
        "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
        "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
        "rbac.authorization.k8s.io/ClusterRole",
        "rbac.authorization.k8s.io/ClusterRoleBinding",
    }
)
"""Cluster-scoped kinds of fences."""
RENDERED: Final = frozenset(
    {
        "bitnami.com/SealedSecret",
        "cert-manager.io/Certificate",
        "external-secrets.io/ExternalSecret",
        "gateway.networking.k8s.io/HTTPRoute",
        "keda.sh/ScaledObject",
        "monitoring.coreos.com/PodMonitor",
        "monitoring.coreos.com/PrometheusRule",
        "monitoring.coreos.com/ServiceMonitor",
    }
)
"""Kinds of other projects that components make from typed fields, or that are as harmless."""

_CLUSTER_WIDE = re.compile("Cluster[A-Z]")


def is_fence(api_version: str, kind: str) -> bool:
    """Whether a kind bounds apps: those of Kubernetes, and network policies of whatever project."""
    name = group_kind(api_version, kind)
    return name in FENCE or ("." in name and kind.endswith("NetworkPolicy"))


def is_cluster_scoped(api_version: str, kind: str, api: Index) -> bool:
    """Whether objects of a kind have no namespace; of a custom one, as its name says: ClusterIssuer."""
    of = api.kind(api_version, kind)
    if of is not None:
        return of.definition in api.cluster_scoped
    return bool(_CLUSTER_WIDE.match(kind))
