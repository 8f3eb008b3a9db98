"""Persistent volumes: claims that all pods of a workload share, and what any claim asks for."""

from __future__ import annotations

from collections.abc import Iterator

from lightkube.models.core_v1 import (
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    VolumeResourceRequirements,
)

from components.objects.manifest import Scope
from envs.config.model.volume import Storage
from envs.config.model.workload import Workload


def claims(scope: Scope, name: str, workload: Workload) -> Iterator[PersistentVolumeClaim]:
    """Make the claims of a workload; nothing deletes them with it unless somebody asks for it."""
    for key, storage in workload.claims.items():
        yield PersistentVolumeClaim(
            apiVersion="v1",
            kind="PersistentVolumeClaim",
            metadata=scope.workload_metadata(name, claim_name(name, key)),
            spec=claim_spec(storage),
        )


def claim_name(workload: str, key: str) -> str:
    """Name the claim of a workload."""
    return f"{workload}-{key}"


def claim_spec(storage: Storage) -> PersistentVolumeClaimSpec:
    """Say what a claim asks for."""
    return PersistentVolumeClaimSpec(
        accessModes=[storage.access],
        resources=VolumeResourceRequirements(requests={"storage": storage.size}),
        storageClassName=storage.storage_class,
    )
