"""A registry on this machine that answers as a test says, over real HTTP, and notes what it was asked."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

MANIFEST = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json"}).encode()
DIGEST = f"sha256:{hashlib.sha256(MANIFEST).hexdigest()}"
PATH = "/v2/team/server/manifests/1.2.4"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request."""

    path: str
    query: Mapping[str, list[str]]
    authorization: str | None
    accept: str


Handler = Callable[[Seen], Answer]


@dataclass(slots=True)
class Server:
    """Listens on loopback; a path that no test has set is not found."""

    port: int
    routes: dict[str, Handler] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    @property
    def domain(self) -> str:
        """The name that image references have for it."""
        return f"127.0.0.1:{self.port}"

    @property
    def image(self) -> str:
        """A reference that this registry can resolve."""
        return f"{self.domain}/team/server:1.2.4"

    def answer(self, path: str, *answers: Answer) -> None:
        """Give these answers for a path, one after the other, and the last one from then on."""
        left = list(answers)
        self.routes[path] = lambda _: left.pop(0) if len(left) > 1 else left[0]


def manifest(digest: str | None = DIGEST) -> Answer:
    """Answer with the manifest, as https://github.com/opencontainers/distribution-spec asks for it."""
    headers = {"Content-Type": "application/vnd.oci.image.index.v1+json"}
    return Answer(200, MANIFEST, headers if digest is None else {**headers, "Docker-Content-Digest": digest})


def as_json(value: object, status: int = 200) -> Answer:
    """Answer with a JSON document."""
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def challenge(scheme: str) -> Answer:
    """Ask for credentials."""
    return Answer(401, b'{"errors":[{"code":"UNAUTHORIZED"}]}', {"WWW-Authenticate": scheme})


def _missing(_: Seen) -> Answer:
    return Answer(404)


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server until the end of the block."""

    class Requests(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            headers = self.headers
            seen = Seen(
                place.path, parse_qs(place.query), headers["Authorization"], headers.get("Accept", "")
            )
            server.seen.append(seen)
            answer = server.routes.get(place.path, _missing)(seen)
            self.send_response(answer.status)
            for key, value in answer.headers.items():
                self.send_header(key, value)
            if "Content-Length" not in answer.headers:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            try:
                self.wfile.write(answer.body)
            except OSError:
                self.close_connection = True  # the client has read enough

        def log_message(self, *_: object) -> None:
            """Keep the output of tests free of it."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    server = Server(listener.server_address[1])
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
