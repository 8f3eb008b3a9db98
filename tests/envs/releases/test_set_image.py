"""`envs set-image` in the work tree: the release and its rendered objects, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from envs.errors import Exit
from tests.command import commit, edit, envs, files_of, git
from tests.envs.releases.remote import DIGESTS, RENDERED, SERVER, changed_by, image

ASK = ("set-image", "qa", "shop/server")


def test_a_release_and_the_rendered_image_are_written_and_nothing_else(checkout: Path) -> None:
    before = files_of(checkout)

    result = envs(*ASK, image("1.2.4"), "--build", "17", "--source", "c" * 40, root=checkout)

    assert result.code == 0, result.err
    assert result.out.splitlines() == [SERVER, RENDERED, "2 files written"]
    after = files_of(checkout)
    assert {path for path in after if after[path] != before.get(path)} == {SERVER, RENDERED}
    assert yaml.safe_load(after[SERVER]) == {"image": image("1.2.4"), "build": "17", "source": "c" * 40}
    assert after[RENDERED] == before[RENDERED].replace(
        b"registry.example.com/server:1.2.3", image("1.2.4").encode()
    )
    assert envs("render", "--check", root=checkout).code == 0


def test_the_digest_may_be_given_apart(checkout: Path) -> None:
    reference = "registry.example.com/server:1.2.4"
    assert envs(*ASK, reference, "--digest", DIGESTS["1.2.4"], root=checkout).code == 0
    assert yaml.safe_load((checkout / SERVER).read_bytes())["image"] == image("1.2.4")


def test_the_same_image_again_changes_nothing(checkout: Path) -> None:
    assert envs(*ASK, image("1.2.4"), root=checkout).code == 0
    before = files_of(checkout)
    result = envs(*ASK, image("1.2.4"), root=checkout)
    assert (result.code, result.out) == (0, "qa: unchanged, it says so already\n")
    assert files_of(checkout) == before


def test_what_a_person_wrote_into_a_release_stays(checkout: Path) -> None:
    assert envs(*ASK, image("1.2.4"), "--build", "17", root=checkout).code == 0
    edit(checkout / SERVER, "image:", "# the team's note\nimage:")
    assert envs(*ASK, image("1.2.5"), "--build", "18", root=checkout).code == 0
    assert (checkout / SERVER).read_text() == f'# the team\'s note\nimage: {image("1.2.5")}\nbuild: "18"\n'


REFUSALS = {
    "an image without a digest on the way to production": (
        (*ASK, "registry.example.com/server:1.2.4", "--no-digest"),
        Exit.REFUSED,
        "has no digest, and prod promotes from it",
    ),
    "what is not an image": ((*ASK, "Not An Image"), Exit.BAD_INPUT, "white space"),
    "two digests": (
        (*ASK, image("1.2.4"), "--digest", DIGESTS["1.2.5"]),
        Exit.BAD_INPUT,
        "name two images; give one of them",
    ),
    "an unknown environment": (
        ("set-image", "qaa", "shop/server", image("1.2.4")),
        Exit.BAD_INPUT,
        'there is no environment "qaa"; known: qa, e2e, prod; did you mean `qa`?',
    ),
    "an unknown workload": (
        ("set-image", "qa", "shop/sever", image("1.2.4")),
        Exit.BAD_INPUT,
        'shop in qa has no workload "sever"; known: server; did you mean `server`?',
    ),
    "an app alone": (
        ("set-image", "qa", "shop", image("1.2.4")),
        Exit.BAD_INPUT,
        '"shop" names no workload; write APP/WORKLOAD',
    ),
    "a source that is not a commit": (
        (*ASK, image("1.2.4"), "--source", "main"),
        Exit.REFUSED,
        "all of its 40 or 64",
    ),
}


@pytest.mark.parametrize(("words", "code", "message"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_why_and_leaves_every_file_as_it_was(
    checkout: Path, words: tuple[str, ...], code: Exit, message: str
) -> None:
    before = files_of(checkout)
    result = envs(*words, root=checkout)
    assert (result.code, result.out) == (code, "")
    assert message in result.err
    assert files_of(checkout) == before


def test_a_tag_that_history_knows_as_another_image_is_refused(checkout: Path) -> None:
    assert envs(*ASK, image("1.2.4"), "--commit", root=checkout).code == 0
    assert envs(*ASK, image("1.2.5"), "--commit", root=checkout).code == 0
    before = files_of(checkout)

    result = envs(*ASK, f"registry.example.com/server:1.2.4@{DIGESTS['1.2.6']}", root=checkout)

    assert result.code == Exit.REFUSED
    assert "a tag never names two images: push the new image under a new tag" in result.err
    assert files_of(checkout) == before


def test_a_commit_has_the_message_and_the_author_of_the_layers(checkout: Path) -> None:
    with (checkout / "environments/base.yaml").open("a") as layer:
        layer.write('commits: {message: "Release {app}/{workload} {version} ({build}) to {environment}", ')
        layer.write('author: "Shop pipeline <shop@example.com>"}\n')
    commit(checkout, "say how to commit")

    result = envs(*ASK, image("1.2.4"), "--build", "17", "--commit", root=checkout)

    assert result.code == 0, result.err
    assert git(checkout, "log", "-1", "--format=%an <%ae>%n%cn <%ce>%n%B").splitlines() == [
        "Shop pipeline <shop@example.com>",
        "Shop pipeline <shop@example.com>",
        "Release shop/server 1.2.4 (17) to qa",
    ]
    assert changed_by(checkout, "HEAD") == [SERVER, RENDERED]
    assert git(checkout, "status", "--porcelain") == ""


def test_a_commit_takes_nothing_else_along(checkout: Path) -> None:
    (checkout / "notes.txt").write_text("mine\n")
    git(checkout, "add", "notes.txt")
    assert envs(*ASK, image("1.2.4"), "--commit", root=checkout).code == 0
    assert changed_by(checkout, "HEAD") == [SERVER, RENDERED]
    assert git(checkout, "status", "--porcelain") == "A  notes.txt"


def test_a_commit_beside_layers_that_are_not_committed_is_refused(checkout: Path) -> None:
    with (checkout / "environments/base.yaml").open("a") as layer:
        layer.write("# a thought\n")
    result = envs(*ASK, image("1.2.4"), "--commit", root=checkout)
    assert result.code == Exit.REFUSED
    assert "commit them first, or use --push, which works apart from this work tree" in result.err
    assert not (checkout / SERVER).exists()


def test_another_container_has_a_release_of_its_own_in_the_same_file(checkout: Path) -> None:
    layer = checkout / "environments/base.yaml"
    layer.write_text(
        layer.read_text() + "        sidecars: {proxy: {image: registry.example.com/proxy:1.0.0}}\n"
    )
    assert envs("render", root=checkout).code == 0
    commit(checkout, "a sidecar")
    early = envs("set-image", "qa", "shop/server/proxy", image("1.2.4"), root=checkout)
    assert (early.code, "release its main container first" in early.err) == (Exit.BAD_INPUT, True)
    assert envs(*ASK, image("1.2.4"), root=checkout).code == 0
    proxy = f"registry.example.com/proxy:1.0.1@sha256:{'e' * 64}"

    result = envs("set-image", "qa", "shop/server/proxy", proxy, "--build", "9", root=checkout)

    assert result.code == 0, result.err
    said = yaml.safe_load((checkout / SERVER).read_bytes())
    assert said == {"image": image("1.2.4"), "containers": {"proxy": {"image": proxy, "build": "9"}}}
    assert proxy in (checkout / RENDERED).read_text()
    unknown = envs("set-image", "qa", "shop/server/prox", proxy, root=checkout)
    assert 'shop/server has no container "prox" with an image of its own; known: proxy' in unknown.err
