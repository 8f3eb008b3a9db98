"""A real proxy between the job and the API server, on loopback, which spoils the exchanges that a test chooses."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx2
import yaml

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Asked:
    """One request of the job."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes

    @property
    def writes(self) -> bool:
        """Whether it changes the cluster."""
        return self.method in WRITES and "dryRun" not in self.query

    def about(self, kind: str, name: str = "") -> bool:
        """Whether it is about a collection such as `configmaps`, or an object in one."""
        parts = self.path.split("/")
        return kind in parts and (not name or parts[-1] == name or f'"name": "{name}"'.encode() in self.body)


@dataclass
class Exchange:
    """A request on its way; whoever spoils it answers it, or does not."""

    asked: Asked
    handler: BaseHTTPRequestHandler
    upstream: httpx2.Client

    def forward(self) -> tuple[int, bytes]:
        """Ask the API server."""
        asked = self.asked
        headers = {"Content-Type": self.handler.headers.get("Content-Type") or "application/json"}
        content = asked.body or None
        target = self.handler.path
        answer = self.upstream.request(asked.method, target, content=content, headers=headers)
        return answer.status_code, answer.content

    def answer(self, status: int, content: bytes, **headers: str) -> None:
        """Answer as given."""
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.send_header("Content-Length", str(len(content)))
        self.handler.end_headers()
        self.handler.wfile.write(content)

    def part(self, content: bytes) -> None:
        """Promise more than is sent, then close."""
        self.handler.send_response(200)
        self.handler.send_header("Content-Length", str(len(content) * 2 + 2))
        self.handler.end_headers()
        self.handler.wfile.write(content)
        self.handler.close_connection = True

    def reset(self) -> None:
        """Close the connection with a reset."""
        linger = struct.pack("ii", 1, 0)
        self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.handler.connection.close()
        self.handler.close_connection = True


Spoil = Callable[[Exchange], None]


@dataclass
class Rule:
    """What happens to some requests, so many times."""

    when: Callable[[Asked], bool]
    then: Spoil
    times: int


@dataclass
class Proxy:
    """A running proxy; `seen` is what it was asked."""

    kubeconfig: Path
    seen: list[Asked] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    freed: threading.Event = field(default_factory=threading.Event)

    def spoil(self, when: Callable[[Asked], bool], then: Spoil, times: int = 1) -> None:
        """Treat the next requests that match in another way."""
        with self.lock:
            self.rules.append(Rule(when, then, times))

    def hang(self, when: Callable[[Asked], bool], times: int = 1) -> threading.Event:
        """Hold the next requests that match until `freed`; returns the sign that one is held."""
        held = threading.Event()

        def then(exchange: Exchange) -> None:
            held.set()
            self.freed.wait()
            exchange.answer(*exchange.forward())

        self.spoil(when, then, times)
        return held

    def choose(self, asked: Asked) -> Spoil | None:
        """Remember a request, and find what happens to it."""
        with self.lock:
            self.seen.append(asked)
            for rule in self.rules:
                if rule.times and rule.when(asked):
                    rule.times -= 1
                    return rule.then
        return None


@contextmanager
def proxied(upstream: httpx2.Client, folder: Path) -> Iterator[Proxy]:
    """Run a proxy that speaks to the API server as an administrator."""
    kubeconfig = folder / "proxy.kubeconfig"
    proxy = Proxy(kubeconfig)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, address.path, dict(parse_qsl(address.query)), body)
            exchange = Exchange(asked, self, upstream)
            then = proxy.choose(asked)
            try:
                if then is None:
                    exchange.answer(*exchange.forward())
                else:
                    then(exchange)
            except httpx2.TransportError:
                exchange.reset()  # the API server has gone
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the job has gone

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: object) -> None:
            """Stay silent: connections that end in the middle are the point."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    kubeconfig.write_text(yaml.safe_dump(_config(server.server_port)), encoding="utf-8")
    try:
        yield proxy
    finally:
        proxy.freed.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _config(port: int) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "proxy", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "proxy", "user": {"token": "unused"}}],
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
        "current-context": "proxy",
    }
