"""Writes self-contained kubeconfig files.

They have mode 0600 and are written atomically.
"""

import base64
import json
import os
from pathlib import Path

from localkube.certificates import Authority


def write_kubeconfig(path: Path, *, name: str, server: str, authority: Authority, client: str) -> Path:
    """Write a kubeconfig atomically; its only context has the name of the cluster."""

    def data(file: str) -> str:
        return base64.b64encode((authority.folder / file).read_bytes()).decode()

    cluster = {"server": server, "certificate-authority-data": data("ca.crt")}
    user = {"client-certificate-data": data(f"{client}.crt"), "client-key-data": data(f"{client}.key")}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": client, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": client}}],
    }
    unfinished = path.with_name(f"{path.name}.unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file, indent=1)  # JSON is YAML
    return unfinished.rename(path)
