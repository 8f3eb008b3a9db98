"""Releases of another source: `envs diff` and `envs comment` tell the commits between, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envs.errors import Exit
from tests.command import commit, edit, envs, git, make_repository
from tests.envs.releases.remote import image

HOSTILE = "Fix @everybody <img src=x> `#1`"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Give the repository that the image is built from, with three commits."""
    folder = make_repository(tmp_path / "server")
    for message in ("First", "Second", HOSTILE):
        commit(folder, message)
    return folder


def revision(source: Path, name: str) -> str:
    """Name a commit in full."""
    return git(source, "rev-parse", name)


def release(root: Path, version: str, source: str, environment: str = "qa", *words: str) -> None:
    """Release an image that was built from a commit."""
    words = (environment, "shop/server", image(version), "--source", source, *words)
    result = envs("set-image", *words, root=root)
    assert result.code == 0, result.err


def changed(checkout: Path, old: str, new: str) -> Path:
    """Give the checkout in which the work tree releases what was built from another commit."""
    release(checkout, "1.2.4", old)
    commit(checkout, "old")
    release(checkout, "1.2.5", new)
    return checkout


def meaning(root: Path, *words: str) -> list[dict[str, Any]]:
    """Read what is told of sources."""
    told = envs("diff", "--base", "HEAD", "--format", "json", *words, root=root).json["meaning"]
    return [each for each in told if "is built from" in each["text"]]


def test_the_commits_between_are_listed_from_a_local_clone(checkout: Path, source: Path) -> None:
    old, new = revision(source, "HEAD~2"), revision(source, "HEAD")
    (told,) = meaning(changed(checkout, old, new), "--sources", str(source))
    assert told["effect"] == "releases"
    assert (told["subjects"], told["environments"]) == (["shop/server"], ["qa"])
    assert told["text"] == f"is built from {new[:12]}, before from {old[:12]}: 2 commits new"
    assert [line.partition(" ")[2] for line in told["details"]] == [HOSTILE, "Second"]
    assert told["origins"] == ["environments/releases/qa/shop/server.yaml:2"]


def test_the_repository_of_the_layers_is_looked_into_unasked(checkout: Path) -> None:
    """As in a monorepo, where the images are built from the same commits."""
    old = git(checkout, "rev-parse", "HEAD")
    new = commit(checkout, "Fix the server")
    (told,) = meaning(changed(checkout, old, new))
    assert told["text"].endswith(": 1 commit new")
    assert [line.partition(" ")[2] for line in told["details"]] == ["Fix the server"]


def test_a_release_that_goes_back_says_what_it_takes_back(checkout: Path, source: Path) -> None:
    root = changed(checkout, revision(source, "HEAD"), revision(source, "HEAD~2"))
    (told,) = meaning(root, "--sources", str(source))
    assert told["text"].endswith(": 2 commits taken back")
    assert told["details"] == []


def test_of_very_many_commits_the_newest_are_listed(checkout: Path, source: Path) -> None:
    old = revision(source, "HEAD")
    for number in range(15):
        commit(source, f"Number {number}")
    root = changed(checkout, old, revision(source, "HEAD"))
    (told,) = meaning(root, "--sources", str(source))
    assert told["text"].endswith(": 15 commits new")
    assert [told["details"][0].partition(" ")[2], told["details"][-1]] == ["Number 14", "and 5 more"]


def test_without_the_commits_the_address_of_the_layers_compares_them(checkout: Path) -> None:
    with (checkout / "environments/base.yaml").open("a") as layer:
        layer.write(
            'sources: {registry.example.com/server: "https://git.example.com/server/compare/{old}...{new}"}\n'
        )
    old, new = "a" * 40, "b" * 40
    (told,) = meaning(changed(checkout, old, new))
    assert told["text"] == f"is built from {new[:12]}, before from {old[:12]}"
    assert told["details"] == [f"https://git.example.com/server/compare/{old}...{new}"]


def test_without_a_word_on_the_source_nothing_is_told_of_it(checkout: Path) -> None:
    root = changed(checkout, "a" * 40, "b" * 40)
    edit(root / "environments/releases/qa/shop/server.yaml", f"source: {'b' * 40}\n", "")
    assert meaning(root) == []


def test_an_old_source_that_is_no_commit_is_not_believed(checkout: Path) -> None:
    root = changed(checkout, "a" * 40, "b" * 40)
    release_file = root / "environments/releases/qa/shop/server.yaml"
    now = release_file.read_text()
    release_file.write_text(f"image: {image('1.2.4')}\nsource: --output=evil\n")
    commit(root, "by hand")
    release_file.write_text(now)
    assert meaning(root) == []
    assert not (root / "evil").exists()


def test_the_comment_and_the_text_show_the_commits_as_they_are(checkout: Path, source: Path) -> None:
    root = changed(checkout, revision(source, "HEAD~1"), revision(source, "HEAD"))
    words = ("--base", "HEAD", "--sources", str(source))
    comment, text = envs("comment", *words, root=root).out, envs("diff", *words, root=root).out
    short = revision(source, "HEAD")[:7]
    assert f"\n  - `` {short} {HOSTILE} ``\n" in comment
    assert f"\n    {short} {HOSTILE}\n" in text


def test_a_folder_that_is_no_repository_is_told(checkout: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    result = envs("diff", "--base", "HEAD", "--sources", str(folder), root=checkout)
    assert (result.code, result.err) == (
        Exit.BAD_INPUT,
        f"envs: {folder} is not a Git repository; name a clone\n",
    )
