"""References to secrets: objects that create a Secret in the namespace, without its value in Git."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.objects.manifest import Scope, plain
from envs.config.model.secret import Remote, Secret, Store
from envs.config.model.workload import Workload


def secrets(scope: Scope, name: str, workload: Workload) -> Iterator[dict[str, Any]]:
    """Make the ExternalSecrets and SealedSecrets of a workload; existing Secrets need no object."""
    for key, secret in workload.secrets.items():
        if secret.store is not None:
            yield _external(scope, name, key, secret, secret.store)
        elif secret.sealed:
            yield _sealed(scope, name, key, secret)


def _external(scope: Scope, workload: str, name: str, secret: Secret, store: Store) -> dict[str, Any]:
    """Make an ExternalSecret; source: https://external-secrets.io/latest/api/externalsecret/."""
    data = [{"secretKey": key, "remoteRef": _remote(remote)} for key, remote in secret.remote.items()]
    whole = [{"extract": {"key": key}} for key in secret.extract]
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": plain(scope.workload_metadata(workload, name)),
        "spec": {
            "secretStoreRef": {"kind": store.kind, "name": store.name},
            "target": {"name": name, "creationPolicy": "Owner"},
            **({"data": data} if data else {}),
            **({"dataFrom": whole} if whole else {}),
        },
    }


def _remote(remote: Remote) -> dict[str, str]:
    said = {"key": remote.key, "property": remote.property, "version": remote.version}
    return {name: value for name, value in said.items() if value is not None}


def _sealed(scope: Scope, workload: str, name: str, secret: Secret) -> dict[str, Any]:
    """Make a SealedSecret; source: https://github.com/bitnami-labs/sealed-secrets."""
    metadata = plain(scope.workload_metadata(workload, name))
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": metadata,
        "spec": {"encryptedData": dict(secret.sealed), "template": {"metadata": metadata}},
    }
