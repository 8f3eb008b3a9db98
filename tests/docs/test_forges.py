"""The lines of docs/review.md for GitLab and Gitea post one comment and edit it, against a stand-in for their APIs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.command import commit, edit, envs, git, make_environments, make_repository
from tests.tree import TREE

PAGE = (TREE / "docs/review.md").read_text()
BLOCKS = dict(
    re.findall(r"(?ms)^## In \S+ requests on (\w+)\n(?:(?!\n## ).)*?```bash\n(.*?)```", PAGE),
)
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")

pytestmark = pytest.mark.slow


@dataclass
class Forge:
    """The comments of one request, and the header that opens them."""

    place: str
    edited: str
    token: tuple[str, str]
    comments: list[dict[str, Any]] = field(default_factory=lambda: [{"id": 40, "body": "of a person"}])
    asked: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: str) -> Any:
        """Answer as the APIs do; None where there is no such thing."""
        self.asked.append(method)
        if method == "GET" and path == self.place:
            return self.comments
        if method == "POST" and path == self.place:
            self.comments.append({"id": 41, "body": body})
            return {}
        if method in {"PUT", "PATCH"} and path == f"{self.edited}/41":
            self.comments[1]["body"] = body
            return {}
        return None


FORGES = {
    "GitLab": lambda: Forge(
        *2 * ("/api/v4/projects/5/merge_requests/7/notes",), token=("PRIVATE-TOKEN", "secret")
    ),
    "Gitea": lambda: Forge(
        "/api/v1/repos/o/r/issues/7/comments",
        "/api/v1/repos/o/r/issues/comments",
        token=("Authorization", "token secret"),
    ),
}


@contextmanager
def served(forge: Forge) -> Iterator[str]:
    """Serve a forge on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            is_json = self.headers.get("Content-Type") == "application/json"
            parsed = (json.loads(text) if is_json else {"body": parse_qs(text)["body"][0]}) if text else {}
            found = forge.answer(self.command, urlsplit(self.path).path, parsed.get("body", ""))
            known = found is not None and self.headers.get(forge.token[0]) == forge.token[1]
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        do_GET = do_POST = do_PUT = do_PATCH = _answer  # noqa: N815 names of http.server

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def post(lines: str, address: str, folder: Path) -> None:
    """Run the lines as a job of either one would; they must end well."""
    variables = {
        "CI_API_V4_URL": f"{address}/api/v4",
        "CI_MERGE_REQUEST_PROJECT_ID": "5",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": "origin/main",
        "COMMENT_TOKEN": "secret",
        "GITHUB_SERVER_URL": address,
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_BASE_REF": "main",
        "NUMBER": "7",
        "TOKEN": "secret",
    }
    environment = {**os.environ, "no_proxy": "127.0.0.1", **variables}
    done = subprocess.run(
        [*BASH, lines], cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", FORGES)
def test_ten_lines_post_one_comment_and_edit_it_later(name: str, tmp_path: Path) -> None:
    lines, forge = BLOCKS[name], FORGES[name]()
    assert len(lines.splitlines()) == 10
    checkout = make_environments(make_repository(tmp_path / "checkout"))
    assert envs("render", root=checkout).code == 0
    commit(checkout)
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / ".venv/bin/envs").symlink_to(Path(sys.executable).with_name("envs"))
    git(checkout, "update-ref", "refs/remotes/origin/main", "HEAD")
    with served(forge) as address:
        post(lines, address, checkout)
        assert "Nothing changes." in forge.comments[1]["body"]
        edit(checkout / "environments/prod.yaml", "replicas: 2", "replicas: 4")
        post(lines, address, checkout)
    assert forge.asked[0::2] == ["GET", "GET"]
    assert forge.asked[1] == "POST"
    first, own = forge.comments
    assert first["body"] == "of a person"
    assert own["body"].startswith("<!-- envs comment . -->\n")
    assert "resizes" in own["body"]
