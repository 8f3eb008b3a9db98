"""Orders manifests into groups whose objects may be written at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from gitops.objects import DesiredObject, Key

FIRST = -(10**7)  # before every wave

_FOUNDATION = {"Namespace", "CustomResourceDefinition"}
_LAST = {
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "APIService",
}
# What pods and rules reference comes before them, so that nothing starts without it.
_SUPPORT = {
    "ConfigMap",
    "ClusterRole",
    "ClusterRoleBinding",
    "IngressClass",
    "LimitRange",
    "NetworkPolicy",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PriorityClass",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "Service",
    "ServiceAccount",
    "StorageClass",
}
# Groups of the API server itself; objects of all others are custom resources, which a controller may have to let go.
_BUILT_IN = {
    "",
    "admissionregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
}


def phase(kind: str) -> int:
    """Return the phase of a kind within its wave: what others need, the rest, webhooks and the like."""
    if kind in _FOUNDATION:
        return 0
    if kind in _SUPPORT:
        return 1
    return 3 if kind in _LAST else 2


def rank(key: Key, wave: int) -> tuple[int, int]:
    """Return the wave and phase of an object; namespaces and definitions come first in any wave."""
    place = phase(key.kind)
    return (FIRST, 0) if place == 0 else (wave, place)


def removal(key: Key, wave: int) -> tuple[int, int, bool]:
    """Return the rank in which an object is deleted, the highest first: custom resources before their controllers."""
    return (*rank(key, wave), key.group not in _BUILT_IN and phase(key.kind) != 0)


def waves(manifests: Iterable[DesiredObject]) -> list[list[list[DesiredObject]]]:
    """Group by wave, then by phase; a group is sorted by key."""
    ranked = sorted(manifests, key=lambda manifest: (rank(manifest.key, manifest.wave), manifest.key))
    return [
        [list(group) for _, group in groupby(wave, key=lambda manifest: rank(manifest.key, manifest.wave))]
        for _, wave in groupby(ranked, key=lambda manifest: rank(manifest.key, manifest.wave)[0])
    ]
