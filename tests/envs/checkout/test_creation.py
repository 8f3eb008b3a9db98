"""Files created and put aside: all of them, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.checkout.creation import all_or_nothing, put_aside
from tests.command import files_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a file and a folder."""
    (tmp_path / "old").mkdir()
    (tmp_path / "old/a").write_text("a")
    (tmp_path / "b").write_text("b")
    return tmp_path


def test_what_is_put_aside_makes_room_and_is_gone_at_the_end(folder: Path) -> None:
    with (
        put_aside(folder, [folder / "old", folder / "b", folder / "missing"]),
        all_or_nothing(folder) as create,
    ):
        create("old/new", b"1")
    assert files_of(folder) == {"old/new": b"1"}


def _replace_and_be_interrupted(folder: Path) -> None:
    with put_aside(folder, [folder / "old", folder / "b"]), all_or_nothing(folder) as create:
        create("old/new", b"1")
        create("b", b"2")
        raise KeyboardInterrupt


def test_an_error_brings_it_back_and_takes_what_was_created(folder: Path) -> None:
    before = files_of(folder)
    with pytest.raises(KeyboardInterrupt):
        _replace_and_be_interrupted(folder)
    assert files_of(folder) == before
    assert sorted(path.name for path in folder.iterdir()) == ["b", "old"]
