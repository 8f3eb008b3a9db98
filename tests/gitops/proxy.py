"""A middlebox between the job and the API server: it forwards, and does to some requests what is asked of it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2

_PASSED_ON = ("Accept", "Content-Type")


@dataclass
class Disturbance:
    """What happens to requests of a method whose path holds some text."""

    method: str
    path: str
    status: int = 0
    """0: the request is forwarded and its answer is lost."""
    content: bytes = b""
    content_type: str = "text/html"
    times: int = 1_000_000


@dataclass
class Proxy:
    """A running proxy; the kubeconfig leads to it."""

    kubeconfig: Path
    disturbances: list[Disturbance] = field(default_factory=list)
    disturbed: list[str] = field(default_factory=list)
    """Method and path of each request that was."""

    def disturbance(self, method: str, path: str) -> Disturbance | None:
        """Choose what happens to a request, and count it."""
        for each in self.disturbances:
            if each.times and each.method == method and each.path in path:
                each.times -= 1
                self.disturbed.append(f"{method} {path}")
                return each
        return None


@contextmanager
def proxy(http: httpx2.Client, folder: Path) -> Iterator[Proxy]:
    """Serve on loopback what `http` reaches."""
    found = Proxy(folder / "proxy.kubeconfig")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            chosen = found.disturbance(self.command, self.path)
            if chosen is not None and chosen.status:
                self._answer(chosen.status, chosen.content_type, chosen.content)
                return
            headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
            answer = http.request(self.command, self.path, content=body or None, headers=headers)
            if chosen is not None:
                self.close_connection = True
                return
            self._answer(answer.status_code, answer.headers["Content-Type"], answer.content)

        def _answer(self, status: int, content_type: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _forward  # noqa: N815 - names that http.server calls

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    cluster = {"server": f"http://127.0.0.1:{server.server_port}"}
    context = {"cluster": "proxy", "user": "somebody"}
    config = {
        "current-context": "proxy",
        "clusters": [{"name": "proxy", "cluster": cluster}],
        "users": [{"name": "somebody", "user": {"token": "of-no-use"}}],
        "contexts": [{"name": "proxy", "context": context}],
    }
    found.kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
