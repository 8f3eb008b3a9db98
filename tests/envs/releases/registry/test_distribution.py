"""The digest of a tag from the registry of the distribution project, which defines what registries do."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import yaml

from envs.errors import Exit
from tests.command import envs, git
from tests.envs.releases.registry.conftest import PHRASE, LogIn
from tests.envs.releases.registry.server import DIGEST, MANIFEST, PATH, Server
from tests.envs.releases.remote import SERVER, said
from tests.programs import built

pytestmark = pytest.mark.slow

MODULE = Path(__file__).with_name("distribution")
HASHED = "$2a$05$EPEpqbyfkx5OWwtDAPlPRe8RoSN5n1Zzjex1dWS6tQWESQur.UVLO"  # the phrase, by bcrypt
LISTENS = re.compile(r"listening on 127\.0\.0\.1:(\d+)")


@pytest.fixture
def distribution(tmp_path: Path) -> Iterator[Server]:
    """Run a registry that wants a login and has one image."""
    program = built(MODULE)
    (tmp_path / "htpasswd").write_text(f"robot:{HASHED}\n")
    configuration = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(tmp_path / "storage")}},
        "http": {"addr": "127.0.0.1:0"},
        "auth": {"htpasswd": {"realm": "test", "path": str(tmp_path / "htpasswd")}},
    }
    (tmp_path / "registry.yml").write_text(yaml.safe_dump(configuration))
    command = [str(program), "serve", str(tmp_path / "registry.yml")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            port = next(int(found[1]) for line in process.stderr if (found := LISTENS.search(line)))
            server = Server(port)
            _push(server)
            yield server
        finally:
            process.terminate()
            process.communicate(timeout=30)


def _push(server: Server) -> None:
    """Push an index without images; its bytes are what a digest is made of."""
    answer = httpx2.put(
        f"http://{server.domain}{PATH}",
        content=MANIFEST,
        headers={"Content-Type": "application/vnd.oci.image.index.v1+json"},
        auth=("robot", PHRASE),
    )
    assert answer.status_code == httpx2.codes.CREATED, answer.text


def test_a_release_is_pushed_with_the_digest_of_a_real_registry(
    distribution: Server, checkout: Path, bare: Path, log_in: LogIn
) -> None:
    words = ("set-image", "qa", "shop/server", distribution.image, "--push")
    before = git(bare, "rev-parse", "main")

    stranger = envs(*words, root=checkout)
    log_in(distribution)
    absent = envs(*words[:3], f"{distribution.image}-absent", "--push", root=checkout)
    unchanged = git(bare, "rev-parse", "main")
    result = envs(*words, root=checkout)

    assert stranger.code == Exit.OUTSIDE_FAILED
    assert "401 Unauthorized; log in with `docker login`" in stranger.err
    assert (absent.code, "push it first, or check its name" in absent.err) == (Exit.REFUSED, True)
    assert unchanged == before
    assert result.code == 0, result.err
    assert said(bare, SERVER)["image"] == f"{distribution.image}@{DIGEST}"
