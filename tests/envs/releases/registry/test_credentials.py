"""Credentials of `docker login` open registries, and nobody else sees them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from envs.errors import CommandError
from envs.releases.registry.credentials import Credentials, find_credentials
from envs.releases.registry.digest import find_digest
from envs.releases.registry.registries import Registries
from kube.image import parse_image
from tests.envs.releases.registry.conftest import BASIC, PHRASE, LogIn
from tests.envs.releases.registry.server import (
    DIGEST,
    PATH,
    Answer,
    Seen,
    Server,
    as_json,
    challenge,
    manifest,
)

ISSUER = "/token"


def behind_tokens(server: Server, other: Server) -> None:
    """Let a registry want a token of another server: https://distribution.github.io/distribution/spec/auth/token/."""
    realm = (
        f'realm="http://{other.domain}{ISSUER}",service="registry.test",scope="repository:team/server:pull"'
    )
    server.routes[PATH] = lambda seen: (
        manifest() if seen.authorization == "Bearer opened" else challenge(f"Bearer {realm}")
    )


def resolve(server: Server) -> str:
    """Ask for the digest of the one tag."""
    return find_digest(parse_image(server.image), Registries())


@pytest.mark.parametrize("key", ["token", "access_token"])
def test_a_public_image_needs_a_token_and_no_credentials(server: Server, other: Server, key: str) -> None:
    behind_tokens(server, other)
    other.answer(ISSUER, as_json({key: "opened"}))
    assert resolve(server) == DIGEST
    (asked,) = other.seen
    assert asked.query == {"scope": ["repository:team/server:pull"], "service": ["registry.test"]}
    assert asked.authorization is None
    assert [seen.authorization for seen in server.seen] == [None, "Bearer opened"]


def test_the_token_server_gets_the_credentials_of_the_registry(
    server: Server, other: Server, log_in: LogIn
) -> None:
    behind_tokens(server, other)
    log_in(server)
    other.routes[ISSUER] = lambda seen: (
        as_json({"token": "opened"}) if seen.authorization == BASIC else Answer(401)
    )
    assert resolve(server) == DIGEST
    assert [seen.authorization for seen in server.seen] == [None, "Bearer opened"]


def test_a_registry_may_ask_for_the_credentials_themselves(server: Server, log_in: LogIn) -> None:
    server.routes[PATH] = lambda seen: (
        manifest() if seen.authorization == BASIC else challenge('Basic realm="x"')
    )
    with pytest.raises(CommandError, match="401 Unauthorized; log in with `docker login`"):
        resolve(server)
    log_in(server)
    assert resolve(server) == DIGEST


TOKENS = {
    "that is not JSON": (Answer(200, b"opened"), "the answer is not JSON"),
    "that is not text": (as_json({"token": 17}), "no token"),
    "that is missing": (as_json({}), "no token"),
    "in a list": (as_json(["opened"]), "no token"),
    "with a line break": (as_json({"token": "opened\r\nX-Injected: yes"}), "no token"),
    "with letters that a header cannot have": (as_json({"token": "öffnet"}), "no token"),
    "that is refused": (Answer(403), "403 Forbidden, no token; log in with `docker login`"),
}


@pytest.mark.parametrize(("answer", "message"), TOKENS.values(), ids=TOKENS)
def test_a_token_that_is_not_one_ends_with_a_message(
    server: Server, other: Server, answer: Answer, message: str
) -> None:
    behind_tokens(server, other)
    other.answer(ISSUER, answer)
    with pytest.raises(CommandError) as raised:
        resolve(server)
    assert f"GET http://{other.domain}{ISSUER}: " in str(raised.value)
    assert message in str(raised.value)
    assert len(server.seen) == 1


def test_another_host_never_gets_the_credentials(server: Server, other: Server, log_in: LogIn) -> None:
    """Registries redirect to stores that know nothing of them."""
    log_in(server)
    away = Answer(307, b"", {"Location": f"http://{other.domain}/blob"})
    server.routes[PATH] = lambda seen: away if seen.authorization else challenge('Basic realm="x"')
    other.answer("/blob", manifest())
    assert resolve(server) == DIGEST
    assert [seen.authorization for seen in server.seen] == [None, BASIC]
    assert [seen.authorization for seen in other.seen] == [None]


def test_a_challenge_of_another_host_gets_no_credentials(
    server: Server, other: Server, log_in: LogIn
) -> None:
    """The registry opens nothing there."""
    log_in(server)
    server.answer(PATH, Answer(307, b"", {"Location": f"http://{other.domain}/blob"}))
    other.answer("/blob", challenge('Basic realm="x"'))
    with pytest.raises(CommandError, match="401 Unauthorized"):
        resolve(server)
    assert {seen.authorization for seen in other.seen} == {None}


def test_credentials_are_not_sent_before_they_are_asked_for(server: Server, log_in: LogIn) -> None:
    log_in(server)
    server.answer(PATH, manifest())
    assert resolve(server) == DIGEST
    assert [seen.authorization for seen in server.seen] == [None]


def test_no_message_has_the_password(server: Server, log_in: LogIn) -> None:
    log_in(server)

    def echo(seen: Seen) -> Answer:
        return Answer(403, (seen.authorization or "").encode()) if seen.authorization else challenge("Basic")

    server.routes[PATH] = echo
    with pytest.raises(CommandError) as raised:
        resolve(server)
    found = find_credentials(server.domain)
    text = f"{raised.value}{found}"
    assert PHRASE not in text
    assert BASIC.removeprefix("Basic ") not in text


HELPER = """\
#!/bin/sh
[ "$1" = get ] || exit 1
read -r server
case "$server" in
registry.example.com) echo '{{"Username": "robot", "Secret": "{secret}"}}' ;;
list.example.com) echo '[]' ;;
text.example.com) echo 'unlock the keychain first' ;;
*) echo 'credentials not found in native keychain'; exit 1 ;;
esac
"""


@pytest.fixture
def helper(tmp_path: Path, docker: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a credential helper where programs are found."""
    program = tmp_path / "bin/docker-credential-test"
    program.parent.mkdir()
    program.write_text(HELPER.format(secret=PHRASE))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    (docker / "config.json").write_text('{"credsStore": "test"}')
    return docker / "config.json"


@pytest.mark.parametrize("said", [{"credsStore": "test"}, {"credHelpers": {"registry.example.com": "test"}}])
def test_a_credential_helper_is_asked(helper: Path, said: dict[str, object]) -> None:
    helper.write_text(json.dumps(said))
    assert find_credentials("registry.example.com") == Credentials("robot", PHRASE)


@pytest.mark.usefixtures("helper")
def test_a_helper_that_knows_no_credentials_leaves_a_registry_open() -> None:
    assert find_credentials("unknown.example.com") is None


@pytest.mark.usefixtures("helper")
def test_a_helper_that_answers_something_else_is_named() -> None:
    assert find_credentials("list.example.com") is None
    with pytest.raises(CommandError, match="docker-credential-test cannot be asked"):
        find_credentials("text.example.com")


def test_a_helper_that_is_missing_is_named(docker: Path) -> None:
    (docker / "config.json").write_text('{"credsStore": "absent"}')
    with pytest.raises(CommandError, match="docker-credential-absent cannot be asked: FileNotFoundError"):
        find_credentials("registry.example.com")


def test_a_helper_is_a_name_and_never_a_path(docker: Path) -> None:
    (docker / "config.json").write_text('{"credsStore": "../../bin/sh"}')
    with pytest.raises(CommandError, match=r"names a credential helper '\.\./\.\./bin/sh'"):
        find_credentials("registry.example.com")


CONFIGURATIONS = {
    "not JSON": ("{", "is not JSON"),
    "not text": ("\udcff", "is not JSON"),
    "not base64": ('{"auths": {"registry.example.com": {"auth": "***"}}}', "is not base64; log in again"),
}


@pytest.mark.parametrize(("text", "message"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_configuration_that_cannot_be_read_is_named(docker: Path, text: str, message: str) -> None:
    (docker / "config.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(CommandError, match=message) as raised:
        find_credentials("registry.example.com")
    assert str(docker / "config.json") in str(raised.value)


@pytest.mark.parametrize("text", ["[]", '{"auths": []}', '{"auths": {"registry.example.com": {}}}', "{}"])
def test_a_configuration_without_the_registry_has_no_credentials(docker: Path, text: str) -> None:
    (docker / "config.json").write_text(text)
    assert find_credentials("registry.example.com") is None


def test_docker_hub_has_a_key_of_its_own(docker: Path) -> None:
    said = {"auths": {"https://index.docker.io/v1/": {"auth": BASIC.removeprefix("Basic ")}}}
    (docker / "config.json").write_text(json.dumps(said))
    assert find_credentials("docker.io") == Credentials("robot", PHRASE)
