"""An admission webhook on loopback that refuses objects, or never answers."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.gitops import servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2

_PATH = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


@dataclass
class Webhook:
    """How the running webhook treats objects."""

    hangs: bool = False
    message: str = "the test refuses it"
    freed: threading.Event = field(default_factory=threading.Event)

    def answer(self, review: dict[str, Any]) -> bytes:
        """Refuse an object, at once or never."""
        if self.hangs:
            self.freed.wait()
        status = {"message": self.message, "code": 403}
        response = {"uid": review["request"]["uid"], "allowed": False, "status": status}
        return json.dumps(
            {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
        ).encode()


@contextmanager
def webhook(http: httpx2.Client, folder: Path, namespace: str) -> Iterator[Webhook]:
    """Judge the ConfigMaps of one namespace while the block lasts."""
    authority = servers.certificate(folder, "127.0.0.1")
    found = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            content = found.answer(review)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Stay silent: the API server hangs up."""

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    configuration = _configuration(server.server_port, authority, namespace)
    http.post(_PATH, json=configuration).raise_for_status()
    try:
        yield found
    finally:
        http.delete(f"{_PATH}/{namespace}").raise_for_status()
        found.freed.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _configuration(port: int, authority: Path, namespace: str) -> dict[str, Any]:
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "resources": ["configmaps"],
        "operations": ["CREATE", "UPDATE"],
    }
    hook = {
        "name": "refuse.example.com",
        "clientConfig": {
            "url": f"https://127.0.0.1:{port}/",
            "caBundle": base64.b64encode(authority.read_bytes()).decode(),
        },
        "rules": [rule],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "failurePolicy": "Fail",
        "timeoutSeconds": 1,
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    kind = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    return kind | {"metadata": {"name": namespace}, "webhooks": [hook]}
