"""The tags of a repository, from registries that page them and from those that do it wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from envs.errors import CommandError, Exit
from envs.releases.registry.client import Registry
from envs.releases.registry.registries import Registries
from envs.releases.registry.tags import list_tags
from kube.image import parse_image
from tests.envs.releases.registry.conftest import BASIC, LogIn
from tests.envs.releases.registry.server import Answer, Seen, Server, as_json, challenge

LIST = "/v2/team/server/tags/list"


def tags_of(server: Server) -> list[str]:
    """Ask for all tags."""
    return list_tags(Registries().of(parse_image(server.image)))


def page(*tags: object, after: str | None = None) -> Answer:
    """Answer with one page, and the address of the next one."""
    answer = as_json({"name": "team/server", "tags": list(tags)})
    link = {"Link": f'<{after}>; rel="next"'} if after is not None else {}
    return Answer(200, answer.body, {**answer.headers, **link})


@pytest.mark.parametrize(
    "after",
    [
        f"{LIST}?last=1.0.1&n=2",
        "?last=1.0.1&n=2",
        f"https://elsewhere.example.com{LIST}?last=1.0.1&n=2",  # as behind a proxy
        "/v2/other/server/tags/list?last=1.0.1&n=2",
    ],
    ids=["a path", "a query", "another server", "another repository"],
)
def test_all_pages_are_read_and_only_from_this_repository(server: Server, after: str) -> None:
    server.answer(LIST, page("1.0.0", "1.0.1", after=after), page("1.0.2"))
    assert tags_of(server) == ["1.0.0", "1.0.1", "1.0.2"]
    assert [seen.path for seen in server.seen] == [LIST, LIST]
    assert server.seen[1].query == {"last": ["1.0.1"], "n": ["2"]}


def test_what_cannot_be_a_tag_is_left_out(server: Server) -> None:
    server.answer(LIST, page("1.0.0", "\x1b[31m1.0.1", "1.0.2\n", "a b", "", 7, None, "x" * 129, "-x"))
    assert tags_of(server) == ["1.0.0"]


def test_a_repository_without_tags_has_none(server: Server) -> None:
    server.answer(LIST, as_json({"name": "team/server", "tags": None}))
    assert tags_of(server) == []


def test_a_repository_that_does_not_exist_is_told(server: Server) -> None:
    with pytest.raises(CommandError, match=r"has no repository team/server; push an image first") as raised:
        tags_of(server)
    assert raised.value.code is Exit.REFUSED


def _counting(seen: Seen) -> Answer:
    last = int(seen.query.get("last", ["0"])[0])
    return page(f"1.0.{last}", after=f"{LIST}?last={last + 1}")


def _many(seen: Seen) -> Answer:
    last = int(seen.query.get("last", ["0"])[0])
    tags = (f"1.{last}.{number}" for number in range(20_000))
    return page(*tags, after=f"{LIST}?last={last + 1}")


HOSTILE: dict[str, tuple[Callable[[Seen], Answer], str]] = {
    "pages without an end": (_counting, "lists its tags without an end; it was asked for 100 pages"),
    "the same page again": (
        lambda _: page("1.0.0", after=f"{LIST}?last=1.0.0"),
        "lists its tags without an end; it was asked for 2 pages",
    ),
    "a page without an address": (
        lambda _: page("1.0.0", after=""),
        "lists its tags without an end; it was asked for 2 pages",
    ),
    "more tags than anybody has": (_many, "has more than 100,000 tags"),
    "10 MB": (lambda _: Answer(200, b" " * 10_000_000), "the answer is longer than 4194304 bytes"),
    "a page for people": (
        lambda _: Answer(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"}),
        "answers with 'text/html' instead of a list of tags in JSON",
    ),
    "JSON with another type": (
        lambda _: Answer(200, b'{"tags":["1.0.0"]}', {"Content-Type": "image/png\x1b"}),
        "instead of a list of tags in JSON",
    ),
    "no JSON": (
        lambda _: Answer(200, b"tags", {"Content-Type": "application/json"}),
        "the answer is not JSON",
    ),
    "no list": (lambda _: as_json({"tags": "1.0.0"}), "answers without a list of tags"),
    "another document": (lambda _: as_json({"tags": {"1.0.0": 1}}), "answers without a list of tags"),
    "an error": (lambda _: Answer(503), "503 Service Unavailable"),
}


@pytest.mark.parametrize(("answer", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_registry_that_does_otherwise_is_given_up(
    server: Server, answer: Callable[[Seen], Answer], message: str
) -> None:
    server.routes[LIST] = answer
    with pytest.raises(CommandError) as raised:
        tags_of(server)
    assert message in str(raised.value)
    assert str(raised.value).isprintable()
    assert raised.value.code is Exit.OUTSIDE_FAILED


def test_a_redirect_to_another_server_does_not_bring_it_the_credentials(
    server: Server, other: Server, log_in: LogIn
) -> None:
    log_in(server)
    away = Answer(307, b"", {"Location": f"http://{other.domain}/stolen"})
    server.answer(LIST, challenge('Basic realm="test"'), away)
    other.answer("/stolen", page("1.0.0"))
    assert tags_of(server) == ["1.0.0"]
    assert [seen.authorization for seen in server.seen] == [None, BASIC]
    assert [seen.authorization for seen in other.seen] == [None]


def test_a_token_that_expires_between_two_pages_is_renewed(server: Server, other: Server) -> None:
    bearer = challenge(f'Bearer realm="http://{other.domain}/token",service="registry"')
    pages = (bearer, page("1.0.0", after="?last=1.0.0"), bearer, page("1.0.1"))
    server.answer(LIST, *pages)
    other.answer("/token", as_json({"token": "first"}), as_json({"token": "second"}))
    assert tags_of(server) == ["1.0.0", "1.0.1"]
    assert [seen.authorization for seen in server.seen] == [
        None,
        "Bearer first",
        "Bearer first",
        "Bearer second",
    ]


def test_a_limit_of_the_rate_is_waited_for_in_each_page(server: Server) -> None:
    limit = Answer(429, b"", {"Retry-After": "3"})
    server.answer(LIST, limit, page("1.0.0", after="?last=1.0.0"), limit, page("1.0.1"))
    pauses: list[float] = []
    assert list_tags(Registry(server.domain, "team/server", pause=pauses.append)) == ["1.0.0", "1.0.1"]
    assert pauses == [3.0, 3.0]


@pytest.mark.parametrize(
    ("mirror", "path"), [("", "/v2/team/server/tags/list"), ("/hub", "/v2/hub/team/server/tags/list")]
)
def test_a_mirror_is_asked_instead(server: Server, mirror: str, path: str) -> None:
    server.answer(path, page("1.0.0"))
    registries = Registries({"registry.example.com": f"{server.domain}{mirror}"})
    assert list_tags(registries.of(parse_image("registry.example.com/team/server:1.0.0"))) == ["1.0.0"]
