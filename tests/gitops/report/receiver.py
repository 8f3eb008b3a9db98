"""A real HTTP server that keeps what it is sent, as a Pushgateway or a webhook does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """What has arrived: method, path and text of each request; `status` is the answer."""

    url: str = ""
    status: int = 200
    taken: list[tuple[str, str, str]] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)  # cleared: requests hang

    @property
    def texts(self) -> list[str]:
        """The texts alone."""
        return [text for _, _, text in self.taken]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Serve on a free port of this machine."""
    found = Receiver()
    found.answering.set()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found.taken.append((self.command, self.path, body))
            found.answering.wait(60)
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PUT  # noqa: N815 the name that the server looks for

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        found.answering.set()
        server.shutdown()
        server.server_close()
        thread.join()
