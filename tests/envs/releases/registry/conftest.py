"""A registry of one's own for each test, and no credentials of the machine."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.envs.releases.registry.server import Server, serving

PHRASE = "correct-horse"
BASIC = f"Basic {base64.b64encode(f'robot:{PHRASE}'.encode()).decode()}"
LogIn = Callable[[Server], None]


@pytest.fixture(autouse=True)
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder of Docker's configuration."""
    folder = tmp_path / "docker"
    folder.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def server() -> Iterator[Server]:
    """Give a registry."""
    with serving() as started:
        yield started


@pytest.fixture
def other() -> Iterator[Server]:
    """Give another server, such as a token server or a store of blobs."""
    with serving() as started:
        yield started


@pytest.fixture
def log_in(docker: Path) -> LogIn:
    """Write what `docker login` writes."""

    def write(server: Server) -> None:
        said = {"auths": {server.domain: {"auth": BASIC.removeprefix("Basic ")}}}
        (docker / "config.json").write_text(json.dumps(said))

    return write
