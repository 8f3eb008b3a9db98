"""`envs check --base` on a pull request, and on the push to main that merges it, with real git."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import commit, git
from tests.envs.gates.releasing import (
    NEW,
    OLD,
    WAYS,
    assert_all_gates_pass,
    branch,
    check,
    file,
    merge,
    release,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("way", WAYS)
def test_the_revert_of_a_release_passes_every_gate(checkout: Path, way: str) -> None:
    release(checkout, "qa", "1.2.3", OLD, "41")
    branch(checkout)
    release(checkout, "qa", "1.2.4", NEW, "42")
    assert_all_gates_pass(checkout, "main")
    before, merged = merge(checkout, way)
    assert_all_gates_pass(checkout, before)

    branch(checkout, "revert")
    git(checkout, "revert", "--no-edit", *(["--mainline=1"] if way == "merge" else []), merged)

    assert "1.2.3" in (checkout / file("qa")).read_text()
    assert_all_gates_pass(checkout, "main")
    before, _ = merge(checkout, way, "revert")
    assert_all_gates_pass(checkout, before)


def test_the_revert_of_a_first_release_and_the_revert_of_that_pass_every_gate(checkout: Path) -> None:
    first = release(checkout, "qa", "1.2.4", NEW, "42")
    git(checkout, "revert", "--no-edit", first)
    assert not (checkout / file("qa")).exists()
    assert_all_gates_pass(checkout, first)
    before = git(checkout, "rev-parse", "HEAD")
    git(checkout, "revert", "--no-edit", "HEAD")
    assert_all_gates_pass(checkout, before)


@pytest.mark.parametrize("way", WAYS)
def test_a_tag_that_is_used_again_is_found_before_and_after_merging(checkout: Path, way: str) -> None:
    old = release(checkout, "qa", "1.2.3", OLD, "41")
    release(checkout, "qa", "1.2.4", NEW, "42")
    branch(checkout)
    release(checkout, "prod", "1.2.3", NEW, "43")
    place = f"names digest {NEW} here and digest {OLD} in {file('qa')} at commit {old[:12]}; "

    ((subject, message),) = check(checkout, "main")
    assert (subject, place in message) == ("Release/prod/shop/server", True)

    before, _ = merge(checkout, way)
    ((subject, message),) = check(checkout, before)
    assert (subject, place in message) == ("Release/prod/shop/server", True)


@pytest.mark.parametrize("way", WAYS)
def test_what_was_merged_all_the_same_can_be_reverted(checkout: Path, way: str) -> None:
    """Going back to what ran must be possible, whatever the history holds by then."""
    release(checkout, "qa", "1.2.3", OLD, "41")
    branch(checkout)
    release(checkout, "qa", "1.2.3", NEW, "42")
    before, merged = merge(checkout, way)
    assert len(check(checkout, before)) == 1

    git(checkout, "revert", "--no-edit", *(["--mainline=1"] if way == "merge" else []), merged)

    assert_all_gates_pass(checkout, merged)


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
@pytest.mark.parametrize("way", WAYS)
def test_two_releases_of_one_repository_are_merged_in_either_order(
    checkout: Path, order: tuple[str, str], way: str
) -> None:
    release(checkout, "qa", "1.2.3", OLD, "41")
    branch(checkout, "one")
    release(checkout, "qa", "1.2.4", NEW, "42")
    branch(checkout, "two")
    release(checkout, "prod", "1.2.3", OLD, "41")
    for name in order:
        git(checkout, "switch", "--quiet", name)
        assert_all_gates_pass(checkout, "main")
        before, _ = merge(checkout, way, name)
        assert_all_gates_pass(checkout, before)


def test_a_tag_that_main_has_used_since_the_branch_began_is_found_on_the_branch(checkout: Path) -> None:
    """Before the merge, which would have no conflict."""
    branch(checkout)
    release(checkout, "prod", "1.3.0", NEW, "42")
    git(checkout, "switch", "--quiet", "main")
    release(checkout, "qa", "1.3.0", OLD, "41")
    git(checkout, "switch", "--quiet", "feature")

    assert [subject for subject, _ in check(checkout, "main")] == ["Release/prod/shop/server"]


def test_a_tag_that_is_used_twice_on_one_branch_is_found_there(checkout: Path) -> None:
    """Once merged, its first meaning would block every promotion."""
    branch(checkout)
    slip = release(checkout, "qa", "1.3.0", OLD)
    release(checkout, "qa", "1.3.0", NEW)

    ((_, message),) = check(checkout, "main")
    assert f"at commit {slip[:12]}; " in message
    assert "squash that commit" in message

    git(checkout, "reset", "--quiet", "--soft", "main")
    commit(checkout, "squashed")
    assert check(checkout, "main") == []
