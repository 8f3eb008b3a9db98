"""Files created and put aside: all of them, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.checkout.creation import all_or_nothing, put_aside
from envs.errors import CommandError
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


def files(root: Path) -> list[str]:
    """Name all files and folders."""
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def test_all_files_are_there_when_nothing_goes_wrong(tmp_path: Path) -> None:
    with all_or_nothing(tmp_path) as create:
        create("a/b/one.yaml", b"1")
        create("two.yaml", b"2")
    assert files(tmp_path) == ["a", "a/b", "a/b/one.yaml", "two.yaml"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_none_is_left_when_something_goes_wrong(tmp_path: Path, error: type[BaseException]) -> None:
    """What was there before stays, and so do the folders that hold it."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine.yaml").write_text("mine")

    def create_some() -> None:
        with all_or_nothing(tmp_path) as create:
            create("a/one.yaml", b"1")
            create("b/c/two.yaml", b"2")
            raise error

    with pytest.raises(error):
        create_some()
    assert files(tmp_path) == ["a", "a/mine.yaml"]


def test_what_exists_is_neither_replaced_nor_taken_back(tmp_path: Path) -> None:
    """Only what was created is undone."""
    (tmp_path / "mine.yaml").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path.parent)

    def create_two(second: str) -> None:
        with all_or_nothing(tmp_path) as create:
            create("one.yaml", b"1")
            create(second, b"2")

    for second in ("mine.yaml", "link/two.yaml", "mine.yaml/two.yaml"):
        with pytest.raises(CommandError):
            create_two(second)
    assert files(tmp_path) == ["link", "mine.yaml"]
    assert (tmp_path / "mine.yaml").read_text() == "mine"
