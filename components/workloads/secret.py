"""References to secrets: objects that create a Secret in the namespace, without its value in Git."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.objects.manifest import Scope, plain
from envs.config.model.secret import Secret
from envs.config.model.workload import Workload


def secrets(scope: Scope, name: str, workload: Workload) -> Iterator[dict[str, Any]]:
    """Make the ExternalSecrets and SealedSecrets of a workload; existing Secrets need no object."""
    for key, secret in workload.secrets.items():
        if secret.store is not None:
            yield _external(scope, name, key, secret)
        elif secret.sealed:
            yield _sealed(scope, name, key, secret)


def _external(scope: Scope, workload: str, name: str, secret: Secret) -> dict[str, Any]:
    """Make an ExternalSecret; source: https://external-secrets.io/latest/api/externalsecret/."""
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": plain(scope.workload_metadata(workload, name)),
        "spec": {
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": secret.store},
            "target": {"name": name, "creationPolicy": "Owner"},
            "data": [
                {"secretKey": key, "remoteRef": {"key": remote}} for key, remote in secret.remote.items()
            ],
        },
    }


def _sealed(scope: Scope, workload: str, name: str, secret: Secret) -> dict[str, Any]:
    """Make a SealedSecret; source: https://github.com/bitnami-labs/sealed-secrets."""
    metadata = plain(scope.workload_metadata(workload, name))
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": metadata,
        "spec": {"encryptedData": dict(secret.sealed), "template": {"metadata": metadata}},
    }
