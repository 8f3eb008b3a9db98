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


def waves(manifests: Iterable[DesiredObject]) -> list[list[list[DesiredObject]]]:
    """Group by wave, then by phase; a group is sorted by key."""
    ranked = sorted(manifests, key=lambda manifest: (rank(manifest.key, manifest.wave), manifest.key))
    return [
        [list(group) for _, group in groupby(wave, key=lambda manifest: rank(manifest.key, manifest.wave))]
        for _, wave in groupby(ranked, key=lambda manifest: rank(manifest.key, manifest.wave)[0])
    ]
