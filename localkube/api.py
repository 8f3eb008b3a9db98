"""The few requests to an API server that are needed to bring a cluster up."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from localkube.errors import ClusterError


@dataclass(frozen=True)
class Api:
    """An API server, accessed with the client certificate `admin` in the folder of certificates."""

    server: str
    certificates: Path

    def is_ready(self) -> bool:
        """Tell whether the API server reports that it is ready."""
        return self._call("GET", "/readyz")[0] == http.client.OK

    def has_default_account(self) -> bool:
        """Tell whether the first namespace has its ServiceAccount."""
        path = "/api/v1/namespaces/default/serviceaccounts/default"
        return self._call("GET", path)[0] == http.client.OK

    def has_ready_node(self, name: str) -> bool:
        """Tell whether the node exists and its Ready condition holds."""
        status, answer = self._call("GET", f"/api/v1/nodes/{name}")
        if status != http.client.OK:
            return False
        conditions = json.loads(answer)["status"].get("conditions", [])
        return any(found["type"] == "Ready" and found["status"] == "True" for found in conditions)

    def create(self, path: str, body: Mapping[str, Any]) -> None:
        """POST an object; raise ClusterError unless it was created."""
        status, answer = self._call("POST", path, json.dumps(body))
        if status != http.client.CREATED:
            raise ClusterError(f"{self.server}{path}: POST answered {status}: {answer[:500]!r}")

    def _call(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        context = ssl.create_default_context(cafile=str(self.certificates / "ca.crt"))
        context.load_cert_chain(self.certificates / "admin.crt", self.certificates / "admin.key")
        address = urlsplit(self.server).netloc
        connection = http.client.HTTPSConnection(address, context=context, timeout=10)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()
