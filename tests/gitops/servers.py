"""Git servers for tests, on loopback: HTTPS with basic authentication and SSH with one key."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import ssl
import subprocess
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin:/usr/local/sbin")


@dataclass
class Https:
    """A running server; `requests` records path and status of what it was asked."""

    url: str
    authority: Path
    requests: list[tuple[str, int]]
    failing: list[int]  # statuses that the next requests are answered with


def https(
    root: Path, folder: Path, user: str, password: str, address: tuple[str, int] = ("127.0.0.1", 0)
) -> Iterator[Https]:
    """Serve the repositories below `root` through `git http-backend`."""
    authority = certificate(folder, address[0])
    requests: list[tuple[str, int]] = []
    failing: list[int] = []
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if failing:
                status, headers, content = failing.pop(0), [], b""
            elif self.headers.get("Authorization") != expected:
                status, headers, content = 401, [("WWW-Authenticate", 'Basic realm="git"')], b""
            else:
                status, headers, content = _backend(self, root, body)
            requests.append((self.path, status))
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _serve  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(address, Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Https(f"https://{address[0]}:{server.server_port}", authority, requests, failing)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _backend(
    request: BaseHTTPRequestHandler, root: Path, body: bytes
) -> tuple[int, list[tuple[str, str]], bytes]:
    path, _, query = request.path.partition("?")
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": request.command,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, env=environment, capture_output=True, check=True
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
    status = next((int(value[:3]) for name, value in headers if name == "Status"), 200)
    return status, [(name, value) for name, value in headers if name != "Status"], content


def certificate(folder: Path, address: str) -> Path:
    """Make a certificate of an address, beside its key `key.pem`."""
    path = folder / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-subj", f"/CN={address}", "-addext", f"subjectAltName=IP:{address}", "-days", "1"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


@dataclass
class Ssh:
    """A running server, the client's key and the file with the server's host key."""

    address: str  # user@host:port
    key: Path
    known_hosts: Path


def ssh(folder: Path, user: str) -> Iterator[Ssh]:
    """Run sshd for one user and one key that may run git-shell only."""
    for name in ("host", "client"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = (folder / "client.pub").read_text(encoding="ascii").strip()
    shell = 'restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\""'
    (folder / "authorized_keys").write_text(f"{shell} {client}\n", encoding="ascii")
    host = (folder / "host.pub").read_text(encoding="ascii").strip()
    known = folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {host}\n", encoding="ascii")
    settings = ["UsePAM no", "StrictModes no", "PasswordAuthentication no", "KbdInteractiveAuthentication no"]
    settings += [f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {folder / 'host'}", "PidFile none"]
    settings += [f"AuthorizedKeysFile {folder / 'authorized_keys'}", f"AllowUsers {user}"]
    (folder / "sshd_config").write_text("\n".join(settings) + "\n", encoding="ascii")
    if os.geteuid() == 0:  # sshd of root wants its empty folder
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    process = subprocess.Popen(
        [str(SSHD), "-D", "-e", "-f", str(folder / "sshd_config")], stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = [process.stderr.readline()]
    while said[-1] and b"listening" not in said[-1]:
        said.append(process.stderr.readline())
    drain = threading.Thread(target=process.stderr.read, daemon=True)
    drain.start()
    try:
        assert said[-1], b"".join(said)
        yield Ssh(f"{user}@127.0.0.1:{port}", folder / "client", known)
    finally:
        process.terminate()
        process.wait()
        drain.join()
        process.stderr.close()
