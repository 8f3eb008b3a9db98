"""Facts about kinds: their scope and their plural."""

from __future__ import annotations

import re

CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "CSIDriver",
        "CertificateSigningRequest",
        "ClusterTrustBundle",
        "FlowSchema",
        "GatewayClass",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
    }
)

# Built-in kinds in which people leave objects in a namespace, and the versions in which every supported Kubernetes
# serves them: rights and connections first. Secrets are absent on purpose.
IN_NAMESPACES = {
    "rbac.authorization.k8s.io/Role": "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/RoleBinding": "rbac.authorization.k8s.io/v1",
    "networking.k8s.io/NetworkPolicy": "networking.k8s.io/v1",
    "ServiceAccount": "v1",
    "ResourceQuota": "v1",
    "LimitRange": "v1",
    "Pod": "v1",
    "apps/Deployment": "apps/v1",
    "apps/StatefulSet": "apps/v1",
    "apps/DaemonSet": "apps/v1",
    "apps/ReplicaSet": "apps/v1",
    "ReplicationController": "v1",
    "batch/CronJob": "batch/v1",
    "batch/Job": "batch/v1",
    "Service": "v1",
    "networking.k8s.io/Ingress": "networking.k8s.io/v1",
    "ConfigMap": "v1",
    "PersistentVolumeClaim": "v1",
    "autoscaling/HorizontalPodAutoscaler": "autoscaling/v2",
    "policy/PodDisruptionBudget": "policy/v1",
}

_CONSONANT_Y = re.compile("[^aeiou]y$")


def is_cluster_scoped(kind: str) -> bool:
    """Whether objects of a kind have no namespace: the built-in ones, and custom ones by their usual name."""
    return kind in CLUSTER_SCOPED or kind.startswith("Cluster")


def plural(kind: str) -> str:
    """Name of the resource that holds objects of a kind, by the rules of English as generators of CRDs apply them.

    The guess of the API machinery (meta.UnsafeGuessKindToResource) has no plural but -s, -es and -ies, and is
    wrong for Gateway.
    """
    word = kind.lower()
    if kind == "Endpoints":
        return word
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    return f"{word[:-1]}ies" if _CONSONANT_Y.search(word) else f"{word}s"


def group(api_version: str) -> str:
    """Cut the API group from an apiVersion; empty for the core group."""
    return api_version.rpartition("/")[0]


def group_kind(api_version: str, kind: str) -> str:
    """Kind with its group, as the GitOps job writes it: apps/Deployment, Service."""
    return f"{group(api_version)}/{kind}".removeprefix("/")
