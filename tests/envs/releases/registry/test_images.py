"""`envs images`: newer images of workloads that declare `updates:`, listed and released."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from envs.errors import Exit
from tests.command import commit, edit, envs, files_of, git
from tests.envs.releases.registry.server import DIGEST, Answer, Server, as_json, manifest
from tests.envs.releases.remote import RENDERED, SERVER, changed_by, said

LIST = "/v2/team/server/tags/list"
IMAGE = "        image: registry.example.com/server:1.2.3\n"


@pytest.fixture
def followed(checkout: Path, server: Server) -> Path:
    """Give the checkout with a workload that follows ^1.2 of a registry that has newer versions."""
    image = f"        image: {server.image}\n        updates: {{semver: ^1.2}}\n"
    edit(checkout / "environments/base.yaml", IMAGE, image)
    assert envs("render", root=checkout).code == 0
    commit(checkout, "updates")
    has(server, "1.2.3", "1.2.4", "1.3.0", "1.4.0", "2.0.0", "latest")
    return checkout


def has(server: Server, *tags: str) -> None:
    """Give these tags to the registry, all with the same manifest."""
    server.answer(LIST, as_json({"name": "team/server", "tags": tags}))
    for tag in tags:
        server.answer(f"/v2/team/server/manifests/{tag}", manifest())


def new(server: Server, version: str) -> str:
    """Name an image of the registry with its digest."""
    return f"{server.domain}/team/server:{version}@{DIGEST}"


def test_newer_images_are_listed_with_their_digests_and_nothing_is_written(
    followed: Path, server: Server
) -> None:
    before = files_of(followed)
    result = envs("images", root=followed)
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "qa",
        "  shop/server  1.2.4 -> 1.4.0 by semver ^1.2; newer: 2",
        f"    {new(server, '1.4.0')}",
        f"    {new(server, '1.3.0')}",
        "e2e",
        "  shop/server  left alone: its releases come from qa, by `envs promote`",
        "prod",
        "  shop/server  left alone: its releases come from e2e, by `envs promote`",
    ]
    assert files_of(followed) == before


def test_the_list_is_there_for_programs(followed: Path, server: Server) -> None:
    assert envs("images", "qa", "--format", "json", root=followed).json == [
        {
            "environment": "qa",
            "workload": "shop/server",
            "image": server.image,
            "newer": [new(server, "1.4.0"), new(server, "1.3.0")],
            "more": 0,
            "leftAlone": None,
            "error": None,
        }
    ]


def test_the_newest_is_released_in_the_work_tree(followed: Path, server: Server) -> None:
    result = envs("images", "qa", "--apply", root=followed)
    assert result.code == 0, result.err
    assert result.out.splitlines()[-3:] == [SERVER, RENDERED, "2 files written"]
    assert yaml.safe_load((followed / SERVER).read_bytes()) == {"image": new(server, "1.4.0")}
    again = envs("images", "qa", "--apply", root=followed)
    assert again.out == "qa\n  shop/server  1.4.0 is the newest by semver ^1.2\n"


def test_the_newest_is_committed_with_the_message_of_the_environment(followed: Path, server: Server) -> None:
    assert envs("images", "qa", "--apply", "--commit", root=followed).code == 0
    assert git(followed, "log", "-1", "--format=%B").strip() == (
        f"qa: shop/server 1.4.0\n\nshop/server: {new(server, '1.4.0')}"
    )
    assert git(followed, "status", "--porcelain") == ""


def test_the_newest_is_pushed_to_a_branch_for_a_pull_request(
    followed: Path, server: Server, bare: Path
) -> None:
    before = files_of(followed)
    result = envs("images", "--apply", "--branch", "updates", root=followed)
    assert result.code == 0, result.err
    assert said(bare, branch="updates") == {"image": new(server, "1.4.0")}
    assert changed_by(bare, "updates") == [SERVER, RENDERED]
    assert files_of(followed) == before


def test_what_the_remote_says_meanwhile_counts(followed: Path, server: Server, bare: Path) -> None:
    other = followed.parent / "other"
    git(followed.parent, "clone", "--quiet", str(bare), str(other))
    assert envs("set-image", "qa", "shop/server", new(server, "1.5.0"), "--push", root=other).code == 0
    head = git(bare, "rev-parse", "main")
    result = envs("images", "qa", "--apply", "--push", root=followed)
    assert (result.code, result.out.splitlines()[-1]) == (0, "qa: unchanged, it says so already")
    assert git(bare, "rev-parse", "main") == head


def test_what_is_held_is_left_alone_and_named(followed: Path, server: Server) -> None:
    assert envs("set-image", "qa", "shop/server", server.image, root=followed).code == 0
    assert envs("hold", "qa", "shop/server", "--because", "the sale is on", root=followed).code == 0
    asked, before = len(server.seen), files_of(followed)
    result = envs("images", "qa", "--apply", root=followed)
    assert result.code == 0
    assert f"left alone: {SERVER}:3:12: shop/server in qa is held: the sale is on" in result.out
    assert (len(server.seen), files_of(followed)) == (asked, before)


def test_a_hold_that_the_remote_has_meanwhile_counts(followed: Path, bare: Path) -> None:
    other = followed.parent / "other"
    git(followed.parent, "clone", "--quiet", str(bare), str(other))
    assert envs("hold", "qa", "shop", "--because", "the sale is on", "--push", root=other).code == 0
    head = git(bare, "rev-parse", "main")
    assert envs("images", "qa", "--apply", "--push", root=followed).code == 0
    assert git(bare, "rev-parse", "main") == head


def test_a_tag_that_history_knows_as_another_image_is_refused(followed: Path, server: Server) -> None:
    used = f"{server.domain}/team/server:1.4.0@sha256:{'0' * 64}"
    assert envs("set-image", "qa", "shop/server", used, "--commit", root=followed).code == 0
    back = f"{server.domain}/team/server:1.2.4@{DIGEST}"
    assert envs("set-image", "qa", "shop/server", back, "--commit", root=followed).code == 0
    before = files_of(followed)
    result = envs("images", "qa", "--apply", root=followed)
    assert result.code == Exit.REFUSED
    assert "envs: qa: the policies refuse this; nothing was written:" in result.err
    assert "a tag never names two images" in result.err
    assert files_of(followed) == before


def test_a_registry_that_fails_is_named_and_hides_no_other(followed: Path, server: Server) -> None:
    layer = followed / "environments/qa.yaml"
    image = f"{server.domain}/team/worker:1.0.0"
    layer.write_text(
        "tier: test\napps:\n  shop:\n    workloads:\n"
        f"      worker: {{image: '{image}', updates: {{semver: '*'}}, ports: {{http: 80}}}}\n"
    )
    server.answer("/v2/team/worker/tags/list", Answer(500))
    result = envs("images", "qa", root=followed)
    assert result.code == Exit.OUTSIDE_FAILED
    assert "shop/worker  unknown: GET http://127.0.0.1" in result.out
    assert "500 Internal Server Error" in result.out
    assert "shop/server  1.2.4 -> 1.4.0" in result.out


def test_a_mirror_of_the_layers_is_asked_and_the_image_keeps_its_name(checkout: Path, server: Server) -> None:
    updates = f"{IMAGE}        updates: {{semver: ^1.2}}\n"
    edit(checkout / "environments/base.yaml", IMAGE, updates)
    mirrors = f"mirrors: {{registry.example.com: '{server.domain}/team'}}\n"
    with (checkout / "environments/base.yaml").open("a") as layer:
        layer.write(mirrors)
    has(server, "1.2.4")
    found = envs("images", "qa", root=checkout)
    resolved = envs("set-image", "qa", "shop/server", "registry.example.com/server:1.2.4", root=checkout)
    assert f"    registry.example.com/server:1.2.4@{DIGEST}\n" in found.out
    assert resolved.code == 0, resolved.err
    assert yaml.safe_load((checkout / SERVER).read_bytes()) == {
        "image": f"registry.example.com/server:1.2.4@{DIGEST}"
    }


@pytest.mark.parametrize(
    ("image", "updates", "message"),
    [
        (":main-4711", "{semver: ^1}", "the tag main-4711 is not a semantic version; release one with"),
        (":1.2.3", "{newest: build, variant: slim}", "is not a build number with -slim at its end"),
        (f"@{DIGEST}", "{newest: date}", "its image without a tag is not a date"),
    ],
)
def test_an_image_that_has_no_place_in_the_order_is_left_alone(
    checkout: Path, image: str, updates: str, message: str
) -> None:
    said = f"        image: registry.example.com/server{image}\n        updates: {updates}\n"
    edit(checkout / "environments/base.yaml", IMAGE, said)
    result = envs("images", "qa", root=checkout)
    assert (result.code, message in result.out) == (0, True), result.out


def test_of_very_many_only_the_newest_have_digests(followed: Path, server: Server) -> None:
    has(server, *(f"1.2.{patch}" for patch in range(1000)))
    out = envs("images", "qa", root=followed).out.splitlines()
    assert len(out) == 2 + 5 + 1
    assert out[2:3] + out[-1:] == [f"    {new(server, '1.2.999')}", "    and 990 more"]
    assert len(server.seen) == 1 + 5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--push",), "without --apply nothing is written; add it"),
        (("--commit",), "without --apply"),
        (("--branch", "updates"), "without --apply"),
        (("--apply", "--format", "json"), "--format json lists images and --apply releases them; use one"),
        (("nowhere",), "there is no environment nowhere"),
    ],
)
def test_words_that_make_no_sense_are_told(checkout: Path, words: tuple[str, ...], message: str) -> None:
    result = envs("images", *words, root=checkout)
    assert (result.code, message in result.err) == (Exit.BAD_INPUT, True), result.err
