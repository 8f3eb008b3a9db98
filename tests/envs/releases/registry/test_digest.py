"""The digest of a tag, from registries that do what the specification says and from those that do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from envs.errors import CommandError, Exit
from envs.releases.registry.client import Registry
from envs.releases.registry.digest import find_digest
from envs.releases.registry.registries import Registries
from kube.image import parse_image
from tests.command import envs, files_of
from tests.envs.releases.registry.server import (
    DIGEST,
    MANIFEST,
    PATH,
    Answer,
    Server,
    as_json,
    challenge,
    manifest,
)
from tests.envs.releases.remote import SERVER


def resolve(server: Server) -> str:
    """Ask for the digest of the one tag."""
    return find_digest(parse_image(server.image), Registries())


@pytest.mark.parametrize("digest", [DIGEST, None], ids=["named by the registry", "only computed"])
def test_the_digest_is_that_of_the_manifest(server: Server, digest: str | None) -> None:
    server.answer(PATH, manifest(digest))
    assert resolve(server) == DIGEST
    assert "application/vnd.oci.image.index.v1+json" in server.seen[0].accept
    assert "application/vnd.docker.distribution.manifest.list.v2+json" in server.seen[0].accept


def test_a_release_gets_the_digest_that_the_registry_knows(server: Server, checkout: Path) -> None:
    server.answer(PATH, manifest())
    result = envs("set-image", "qa", "shop/server", server.image, root=checkout)
    assert result.code == 0, result.err
    assert yaml.safe_load((checkout / SERVER).read_bytes())["image"] == f"{server.image}@{DIGEST}"


def test_a_tag_that_the_registry_does_not_have_is_refused_and_nothing_is_written(
    server: Server, checkout: Path
) -> None:
    before = files_of(checkout)
    result = envs("set-image", "qa", "shop/server", server.image, root=checkout)
    assert (result.code, result.out) == (Exit.REFUSED, "")
    assert f"{server.domain} has no image {server.image}; push it first, or check its name" in result.err
    assert files_of(checkout) == before


def test_nobody_is_asked_where_the_digest_is_given(server: Server, checkout: Path) -> None:
    words = ("set-image", "qa", "shop/server", server.image, "--digest", DIGEST)
    assert envs(*words, root=checkout).code == 0
    assert server.seen == []


PAGE = b"<html>Please accept our terms</html>"
LONG = 4 * 1024 * 1024 + 1
HOSTILE: dict[str, tuple[Callable[[Server], Answer], str]] = {
    "a digest that is not that of the manifest": (
        lambda _: manifest(f"sha256:{'0' * 64}"),
        f"its manifest has {DIGEST}; give --digest",
    ),
    "a digest that is not one": (lambda _: manifest("latest"), "has the digest 'latest'"),
    "a page instead of a manifest": (lambda _: Answer(200, PAGE), "the answer is not JSON"),
    "JSON that is not a manifest": (
        lambda _: as_json({"login": "required"}),
        "is not the manifest of an image",
    ),
    "JSON that is a list": (lambda _: as_json([]), "is not the manifest of an image"),
    "JSON that is too deep": (lambda _: Answer(200, b"[" * 100_000), "the answer is not JSON"),
    "more than a manifest may have": (
        lambda _: Answer(200, b" " * LONG),
        "the answer is longer than 4194304 bytes",
    ),
    "less than it announced": (lambda _: Answer(200, MANIFEST, {"Content-Length": "999"}), "peer closed"),
    "what does not unpack": (lambda _: Answer(200, b"zip", {"Content-Encoding": "gzip"}), "decompress"),
    "an error": (lambda _: Answer(500), "500 Internal Server Error"),
    "a refusal": (lambda _: Answer(403), "403 Forbidden; log in with `docker login`"),
    "a redirect to itself": (
        lambda server: Answer(307, b"", {"Location": f"http://{server.domain}{PATH}"}),
        "Exceeded maximum allowed redirects",
    ),
    "a redirect out of HTTP": (lambda _: Answer(307, b"", {"Location": "file:///etc/passwd"}), "protocol"),
    "a redirect to nothing": (
        lambda _: Answer(307, b"", {"Location": "http://[::1"}),
        "GET http://127.0.0.1",
    ),
    "a challenge of another kind": (lambda _: challenge("Negotiate"), "401 Unauthorized; log in with"),
    "a challenge without a realm": (lambda _: challenge("Bearer"), "names a token server without HTTPS"),
    "a realm without TLS": (
        lambda _: challenge('Bearer realm="http://token.example.com/"'),
        "GET http://token.example.com/: the registry names a token server without HTTPS",
    ),
    "a realm that only looks like this machine": (
        lambda _: challenge('Bearer realm="http://127.0.0.1@token.example.com/"'),
        "names a token server without HTTPS",
    ),
    "a realm that is no address": (lambda _: challenge('Bearer realm="https://[::1"'), "token server"),
}


@pytest.mark.parametrize(("answer", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_registry_that_does_otherwise_is_not_believed(
    server: Server, answer: Callable[[Server], Answer], message: str
) -> None:
    server.answer(PATH, answer(server))
    with pytest.raises(CommandError) as raised:
        resolve(server)
    assert message in str(raised.value)
    assert raised.value.code is Exit.OUTSIDE_FAILED


def test_a_registry_that_nobody_runs_is_told_with_its_address(server: Server) -> None:
    server.answer(PATH, Answer(307, b"", {"Location": "http://127.0.0.1:1/"}))
    with pytest.raises(CommandError, match=rf"GET http://{server.domain}{PATH}: .*refused"):
        resolve(server)


LIMITS = {
    "seconds": ("7", 7.0),
    "longer than anybody waits": ("86400", 30.0),
    "a number without an end": ("9" * 5000, 30.0),
    "a date": ("Fri, 31 Dec 1999 23:59:59 GMT", 1.0),
    "nonsense": ("-1", 1.0),
}


@pytest.mark.parametrize(("retry_after", "waits"), LIMITS.values(), ids=LIMITS)
def test_a_registry_that_asks_for_a_pause_gets_it(server: Server, retry_after: str, waits: float) -> None:
    server.answer(PATH, Answer(429, b"", {"Retry-After": retry_after}), manifest())
    pauses: list[float] = []
    answer = Registry(server.domain, "team/server", pause=pauses.append).ask("GET", "manifests/1.2.4")
    assert answer is not None
    assert (answer.content, pauses) == (MANIFEST, [waits])


def test_a_registry_that_never_stops_asking_for_pauses_is_given_up(server: Server) -> None:
    server.answer(PATH, Answer(429))
    pauses: list[float] = []
    with pytest.raises(CommandError, match="429 Too Many Requests"):
        Registry(server.domain, "team/server", pause=pauses.append).ask("GET", "manifests/1.2.4")
    assert (len(server.seen), pauses) == (4, [1.0] * 3)


ADDRESSES = {
    "docker.io": "https://registry-1.docker.io",
    "registry.example.com": "https://registry.example.com",
    "localhost:5000": "http://localhost:5000",
    "127.0.0.1": "http://127.0.0.1",
    "localhost.example.com": "https://localhost.example.com",
}


@pytest.mark.parametrize(("domain", "address"), ADDRESSES.items())
def test_only_this_machine_is_asked_without_tls(domain: str, address: str) -> None:
    assert Registry(domain, "team/server").address == address
