"""What the workflow `comment` posts, by its own step, against a stand-in for GitHub's API that speaks HTTP."""

from __future__ import annotations

import io
import json
import os
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from markdown_it import MarkdownIt

from tests.tree import TREE

WORKFLOWS = TREE / ".github/workflows"
WORKFLOW = yaml.safe_load((WORKFLOWS / "comment.yml").read_text())
HEAD = "a" * 40
MARKER = "<!-- envs comment . -->"
BOT = "github-actions[bot]"
HOSTILE = (
    "@all #1 <script>x</script> <!-- y --> [a](https://evil.example) ![i](//e.example) www.e.example\n"
    "[a][r]\n\n[r]: x"
)

pytestmark = pytest.mark.slow


@dataclass
class Forge:
    """One repository: its open pull requests, the artifact of one run, and the comments of pull request 7."""

    files: dict[str, str] = field(default_factory=dict)
    heads: dict[int, str] = field(default_factory=lambda: {6: "b" * 40, 7: HEAD})
    comments: list[dict[str, Any]] = field(default_factory=list)
    writes: list[tuple[str, str, str]] = field(default_factory=list)
    has_artifact: bool = True

    def answer(self, method: str, path: str, body: bytes) -> Any:
        """Answer as the REST API does; None where there is no such thing."""
        if method != "GET":
            self.writes.append((method, path, json.loads(body)["body"]))
            return {}
        return {
            "/repos/o/r/pulls": [{"number": key, "head": {"sha": head}} for key, head in self.heads.items()],
            "/repos/o/r/actions/runs/5/artifacts": {"artifacts": self._artifacts()},
            "/repos/o/r/actions/artifacts/9/zip": self._archive(),
            "/repos/o/r/issues/7/comments": self.comments,
        }.get(path)

    def _artifacts(self) -> list[dict[str, Any]]:
        found = {"id": 9, "name": "comment", "expired": False, "size_in_bytes": 1000}
        return [{**found, "id": 8, "expired": True}, *([found] if self.has_artifact else [])]

    def _archive(self) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in self.files.items():
                archive.writestr(name, text)
        return packed.getvalue()


@contextmanager
def served(forge: Forge) -> Iterator[str]:
    """Serve a forge on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found = forge.answer(self.command, urlsplit(self.path).path, body)
            authorized = self.headers.get("Authorization") == "Bearer token"
            self.send_response(404 if found is None or not authorized else 200)
            self.end_headers()
            self.wfile.write(found if isinstance(found, bytes) else json.dumps(found).encode())

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 names of http.server

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


def post(forge: Forge, *, steps: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the step of the workflow as a runner does, after the run of one of the two workflows."""
    (step,) = WORKFLOW["jobs"]["post"]["steps"]
    with served(forge) as address:
        variables = {
            "GITHUB_API_URL": address,
            "GITHUB_REPOSITORY": "o/r",
            "GH_TOKEN": "token",
            "HEAD_SHA": HEAD,
            "RUN_ID": "5",
            "HAS_STEPS": str(steps).lower(),
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        environment = {"PATH": os.environ["PATH"], "no_proxy": "127.0.0.1", **variables}
        return subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True, timeout=120
        )


def test_a_first_comment_is_created_on_the_pull_request_with_this_head() -> None:
    forge = Forge({"comment-1.md": f"{MARKER}\n### Environments\n\nNothing changes.\n"})
    done = post(forge)
    assert done.returncode == 0, done.stderr
    ((method, path, body),) = forge.writes
    assert (method, path) == ("POST", "/repos/o/r/issues/7/comments")
    assert body.startswith(f"{MARKER}\n### Environments\n\nNothing changes.\n")
    assert body.endswith("Written by the code of this pull request at aaaaaaaaaa.")


def test_a_later_one_is_edited_in_place_and_that_of_a_person_is_not() -> None:
    """Each root has a marker of its own."""
    comments = [
        {"id": 1, "user": {"login": "someone"}, "body": f"{MARKER}\nmine"},
        {"id": 2, "user": {"login": BOT}, "body": "<!-- envs comment examples/shop -->\nother"},
        {"id": 3, "user": {"login": BOT}, "body": f"{MARKER}\nold"},
    ]
    files = {"comment-1.md": f"{MARKER}\nnew", "comment-2.md": "<!-- envs comment examples/shop -->\nnew"}
    forge = Forge(files, comments=comments)
    assert post(forge).returncode == 0
    assert [(method, path) for method, path, _ in forge.writes] == [
        ("PATCH", "/repos/o/r/issues/comments/3"),
        ("PATCH", "/repos/o/r/issues/comments/2"),
    ]


def test_the_comment_with_the_steps_of_pulumi_stays_until_the_next_commit() -> None:
    """The run without them ends later where its tests take longer."""
    known: dict[str, Any] = {"id": 3, "user": {"login": BOT}, "body": f"{MARKER}\nold"}
    forge = Forge({"comment-1.md": f"{MARKER}\nwith steps"}, comments=[known])
    assert post(forge, steps=True).returncode == 0
    known["body"] = forge.writes[0][2]
    assert known["body"].endswith(" at aaaaaaaaaa, with the steps of Pulumi.")
    assert "already" in post(forge).stdout
    assert len(forge.writes) == 1
    assert post(forge, steps=True).returncode == 0
    assert len(forge.writes) == 2
    known["body"] = known["body"].replace("aaaaaaaaaa", "bbbbbbbbbb")
    assert post(forge).returncode == 0
    assert len(forge.writes) == 3


def test_nothing_of_a_hostile_artifact_becomes_markup() -> None:
    fold = "<details><summary>All fields</summary>\n\nx\n\n</details>"
    forge = Forge({"comment-1.md": f"{MARKER}\n{HOSTILE}\n\n{fold}\n"})
    assert post(forge).returncode == 0
    body = forge.writes[0][2]
    assert fold in body
    html = MarkdownIt("commonmark", {"html": True}).render(body.removeprefix(MARKER))
    assert not any(
        word in html for word in ("<script", "<img", "<a ", "<!--", "@all", "#1", "https://", "www.e")
    )


def test_a_long_one_is_cut_below_the_limit() -> None:
    forge = Forge({"comment-1.md": f"{MARKER}\n{'@<x ' * 100_000}"})
    assert post(forge).returncode == 0
    assert len(forge.writes[0][2]) < 65_536


@pytest.mark.parametrize(
    "forge",
    [
        Forge({"comment-1.md": f"{MARKER}\nnew"}, heads={7: "c" * 40}),
        Forge({"comment-1.md": f"{MARKER}\nnew"}, has_artifact=False),
        Forge({"other.md": f"{MARKER}\nnew", "../comment-1.md": f"{MARKER}\nnew"}),
        Forge({"comment-1.md": "no marker\nnew"}, comments=[{"id": 1, "user": {"login": BOT}, "body": "a"}]),
        Forge({"comment-1.md": f"<!-- envs comment $(id) -->\n{MARKER}\nnew"}),
    ],
    ids=["pushed over", "no artifact", "other files", "no marker", "another marker"],
)
def test_nothing_is_written_without_a_pull_request_and_a_comment_with_a_marker(forge: Forge) -> None:
    done = post(forge)
    assert (done.returncode, forge.writes) == (0, []), done.stderr


def test_a_failing_api_fails_the_step() -> None:
    forge = Forge({"comment-1.md": f"{MARKER}\nnew"})
    forge.answer = lambda *_: None  # type: ignore[method-assign]
    assert post(forge).returncode != 0


def test_the_workflow_checks_out_nothing_and_has_two_rights() -> None:
    job = WORKFLOW["jobs"]["post"]
    assert not any("uses" in step for step in job["steps"])
    assert WORKFLOW["permissions"] == {}
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert "${{" not in job["steps"][0]["run"]


def test_the_workflow_that_reads_code_has_neither_credentials_nor_rights() -> None:
    document = yaml.safe_load((WORKFLOWS / "pull-request.yml").read_text())
    assert document["permissions"] == {"contents": "read"}
    steps = document["jobs"]["environments"]["steps"]
    assert "secrets." not in json.dumps(document)
    (upload,) = [step for step in steps if "upload-artifact@" in step.get("uses", "")]
    assert (upload["with"]["name"], upload["with"]["path"]) == ("comment", "comments/")
