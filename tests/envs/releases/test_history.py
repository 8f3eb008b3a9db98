"""`envs history`: what Git remembers of releases."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from envs.errors import Exit
from tests.command import envs, git
from tests.envs.releases.remote import image


@pytest.fixture
def released(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a checkout with three releases, a day between them."""
    for day, version in enumerate(("1.2.4", "1.2.5", "1.2.6"), 1):
        moment = f"2026-11-0{day}T10:00:00Z"
        monkeypatch.setenv("GIT_COMMITTER_DATE", moment)
        monkeypatch.setenv("GIT_AUTHOR_DATE", moment)
        words = ("set-image", "qa", "shop/server", image(version), "--commit")
        assert envs(*words, root=checkout).code == 0
    return checkout


def test_each_image_is_listed_with_its_time_and_the_newest_first(released: Path) -> None:
    rows = envs("history", "--format", "json", root=released).json
    assert [(row["image"], row["at"], row["until"], row["current"]) for row in rows] == [
        (image("1.2.6"), "2026-11-03T10:00:00Z", None, True),
        (image("1.2.5"), "2026-11-02T10:00:00Z", "2026-11-03T10:00:00Z", False),
        (image("1.2.4"), "2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z", False),
    ]
    assert {row["by"] for row in rows} == {"Pipeline"}
    assert rows[0]["commit"] == git(released, "rev-parse", "HEAD")


def test_a_time_shows_what_was_released_then(released: Path) -> None:
    result = envs("history", "qa", "shop", "--at", "2026-11-02T12:00:00Z", root=released)
    assert result.out == "2026-11-02T10:00:00Z  qa  shop/server  1.2.5  Pipeline\n"


def test_a_hold_is_no_release(released: Path) -> None:
    assert envs("hold", "qa", "shop/server", "--because", "later", "--commit", root=released).code == 0
    assert len(envs("history", "--format", "json", root=released).json) == 3


def test_a_table_for_programs_holds_no_formula(released: Path) -> None:
    git(released, "config", "user.name", "ignored")
    rows = list(csv.DictReader(io.StringIO(envs("history", "--format", "csv", root=released).out)))
    assert [row["image"] for row in rows] == [image("1.2.6"), image("1.2.5"), image("1.2.4")]
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())


def test_a_time_that_is_none_is_bad_input(released: Path) -> None:
    result = envs("history", "--at", "yesterday", root=released)
    assert result.code == Exit.BAD_INPUT
    assert "--at yesterday is not a point in time; write it like 2026-11-20T10:00:00Z" in result.err
