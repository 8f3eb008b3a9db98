"""References to secrets: what brings them, and never their values."""

from pathlib import Path

from tests.components.rendering import main, of_kind, pod, render_server, server


def test_an_external_secret_names_its_store_and_its_remote_keys(tmp_path: Path) -> None:
    objects = render_server(
        tmp_path, "secrets: {db: {store: vault, remote: {password: shop/db}, env: {PASSWORD: password}}}"
    )
    assert objects["ExternalSecret/shop-qa/db"]["spec"] == {
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
        "target": {"name": "db", "creationPolicy": "Owner"},
        "data": [{"secretKey": "password", "remoteRef": {"key": "shop/db"}}],
    }
    assert main(server(objects))["env"][0]["valueFrom"] == {"secretKeyRef": {"name": "db", "key": "password"}}


def test_a_sealed_secret_unseals_to_its_own_name(tmp_path: Path) -> None:
    objects = render_server(tmp_path, "secrets: {db: {sealed: {password: AgBy3i4OJSWK}, path: /db}}")
    sealed = objects["SealedSecret/shop-qa/db"]
    assert sealed["spec"]["encryptedData"] == {"password": "AgBy3i4OJSWK"}
    assert sealed["spec"]["template"]["metadata"] == sealed["metadata"]
    assert {"name": "secret-db", "secret": {"secretName": "db"}} in pod(server(objects))["volumes"]


def test_an_existing_secret_needs_no_object(tmp_path: Path) -> None:
    objects = render_server(tmp_path, "secrets: {db: {existing: made-by-others, env: {A: a}}}")
    assert of_kind(objects, "Secret", "ExternalSecret", "SealedSecret") == []
