"""The digest of a tag from the registry of the distribution project, which defines what registries do."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import yaml

from envs.errors import Exit
from tests.command import commit, edit, envs, git
from tests.envs.releases.registry.conftest import PHRASE, LogIn
from tests.envs.releases.registry.server import DIGEST, MANIFEST, PATH, Server
from tests.envs.releases.remote import SERVER, said
from tests.gitops.servers import certificate
from tests.programs import built

pytestmark = pytest.mark.slow

MODULE = Path(__file__).with_name("distribution")
HASHED = "$2a$05$EPEpqbyfkx5OWwtDAPlPRe8RoSN5n1Zzjex1dWS6tQWESQur.UVLO"  # the phrase, by bcrypt
HOST = "0.0.0.0"  # noqa: S104 an address of this machine that is asked with TLS, unlike loopback
LISTENS = re.compile(r"listening on 127\.0\.0\.1:(\d+)")


@pytest.fixture
def distribution(tmp_path: Path) -> Iterator[Server]:
    """Run a registry that wants a login and has one image."""
    with running(tmp_path) as server:
        _push(server)
        yield server


@contextmanager
def running(folder: Path, tls: dict[str, str] | None = None) -> Iterator[Server]:
    """Run a registry that wants a login, with its images below `folder`."""
    program = built(MODULE)
    (folder / "htpasswd").write_text(f"robot:{HASHED}\n")
    configuration = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}},
        "http": {"addr": "127.0.0.1:0", **({"tls": tls} if tls else {})},
        "auth": {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}},
    }
    (folder / "registry.yml").write_text(yaml.safe_dump(configuration))
    command = [str(program), "serve", str(folder / "registry.yml")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield Server(next(int(found[1]) for line in process.stderr if (found := LISTENS.search(line))))
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


TAGS = "storage/docker/registry/v2/repositories/team/server/_manifests/tags"


def test_newer_images_are_found_on_every_page_of_a_real_registry_and_pushed(
    distribution: Server, checkout: Path, bare: Path, log_in: LogIn, tmp_path: Path
) -> None:
    for patch in range(5, 1105):  # two pages
        shutil.copytree(tmp_path / TAGS / "1.2.4", tmp_path / TAGS / f"1.2.{patch}")
    log_in(distribution)
    layer = checkout / "environments/base.yaml"
    edit(
        layer,
        "registry.example.com/server:1.2.3\n",
        f'{distribution.image}\n        updates: {{semver: "~1.2"}}\n',
    )
    assert envs("render", root=checkout).code == 0
    commit(checkout, "updates")
    git(checkout, "push", "--quiet", "origin", "main")

    result = envs("images", "qa", "--apply", "--push", root=checkout)

    assert result.code == 0, result.out + result.err
    assert "shop/server  1.2.4 -> 1.2.1104 by semver ~1.2; newer: 1100\n" in result.out
    newest = f"{distribution.domain}/team/server:1.2.1104@{DIGEST}"
    assert result.out.splitlines()[2] == f"    {newest}"
    assert said(bare, SERVER)["image"] == newest


def test_a_private_authority_is_trusted_by_the_usual_variable(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = certificate(tmp_path, HOST)
    tls = {"certificate": str(authority), "key": str(tmp_path / "key.pem")}
    with running(tmp_path, tls) as server:
        image = f"{HOST}:{server.port}/team/server:1.2.4"
        stranger = envs("set-image", "qa", "shop/server", image, root=checkout)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        known = envs("set-image", "qa", "shop/server", image, root=checkout)

    assert (stranger.code, "CERTIFICATE_VERIFY_FAILED" in stranger.err) == (Exit.OUTSIDE_FAILED, True)
    assert "401 Unauthorized; log in with `docker login`" in known.err
