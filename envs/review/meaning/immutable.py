"""Fields that the API server refuses to change, so that an object must be deleted and created anew.

Source: the update validation of Kubernetes (pkg/apis/*/validation), by kind.
"""

from __future__ import annotations

import re

_FIXED = {
    "Deployment": re.compile(r"spec\.selector\b.*"),
    "DaemonSet": re.compile(r"spec\.selector\b.*"),
    "ReplicaSet": re.compile(r"spec\.selector\b.*"),
    "StatefulSet": re.compile(
        r"spec\.(?!replicas\b|ordinals\b|template\b|updateStrategy\b|revisionHistoryLimit\b"
        r"|persistentVolumeClaimRetentionPolicy\b|minReadySeconds\b).*"
    ),
    "Job": re.compile(r"spec\.(selector|template|completionMode|podFailurePolicy|successPolicy)\b.*"),
    "PersistentVolumeClaim": re.compile(r"spec\.(?!resources\.requests\b|volumeAttributesClassName\b).*"),
    "Service": re.compile(r"spec\.clusterIPs?\b.*"),
    "RoleBinding": re.compile(r"roleRef\b.*"),
    "ClusterRoleBinding": re.compile(r"roleRef\b.*"),
    "StorageClass": re.compile(r"(provisioner|parameters|reclaimPolicy|volumeBindingMode)\b.*"),
    "PriorityClass": re.compile(r"(value|preemptionPolicy)\b.*"),
}


def is_immutable(kind: str, path: str) -> bool:
    """Whether a field of a kind cannot be changed."""
    fixed = _FIXED.get(kind)
    return fixed is not None and fixed.fullmatch(path) is not None
