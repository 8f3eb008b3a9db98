"""What there is to know about kinds: their scope, their plural, and which of them bound an app."""

from __future__ import annotations

CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
    }
)

# What an app may not bring along, since it bounds the app.
FENCE_KINDS = frozenset(
    {"LimitRange", "Namespace", "NetworkPolicy", "ResourceQuota", "Role", "RoleBinding", "ServiceAccount"}
)

_IRREGULAR = {"NetworkPolicy": "networkpolicies", "Ingress": "ingresses", "Endpoints": "endpoints"}


def plural(kind: str) -> str:
    """Name of the resource that holds objects of a kind, by the rule that the API machinery uses too.

    Source: meta.UnsafeGuessKindToResource in k8s.io/apimachinery.
    """
    word = kind.lower()
    if kind in _IRREGULAR:
        return _IRREGULAR[kind]
    if word.endswith("s"):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def group(api_version: str) -> str:
    """Cut the API group from an apiVersion; empty for the core group."""
    return api_version.rpartition("/")[0]


def group_kind(api_version: str, kind: str) -> str:
    """Kind with its group, as the GitOps job writes it: apps/Deployment, Service."""
    return f"{group(api_version)}/{kind}".removeprefix("/")
