"""Files that are created together stay together."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.errors import CommandError
from envs.scaffold.creation import all_or_nothing


def files(root: Path) -> list[str]:
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
