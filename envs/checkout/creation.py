"""Files of a folder created, and others put aside: all of them or none."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from envs.checkout.rendered import check_folders, replace_file
from envs.errors import CommandError, Exit


@contextlib.contextmanager
def all_or_nothing(root: Path) -> Iterator[Creator]:
    """Give what creates files below `root`; an error deletes again what was created."""
    creator = Creator(root)
    try:
        yield creator
    except BaseException:
        creator.undo()
        raise


@contextlib.contextmanager
def put_aside(root: Path, paths: Iterable[Path]) -> Iterator[None]:
    """Take files and folders away, those that exist, and delete them at the end; an error brings them back."""
    aside = Path(tempfile.mkdtemp(dir=root, prefix=".envs-"))
    moved: list[tuple[Path, Path]] = []
    try:
        for number, path in enumerate(path for path in paths if os.path.lexists(path)):
            moved.append((path, path.rename(aside / str(number))))
        yield
    except BaseException:
        for path, place in moved:
            place.rename(path)
        aside.rmdir()
        raise
    shutil.rmtree(aside)


class Creator:
    """Creates files, and deletes all of them again on `undo`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: list[Path] = []

    def __call__(self, path: str, data: bytes) -> None:
        """Create one file, given by its path below the root.

        Raises CommandError where it exists already, a folder of it is something else, or writing fails.
        """
        check_folders(self._root, [path])
        if os.path.lexists(self._root / path):
            raise CommandError(f"{path} already exists; nothing was written", Exit.BAD_INPUT)
        self._made.append(self._root / path)
        replace_file(self._root / path, data)

    def undo(self) -> None:
        """Delete what was created, and the folders that are empty after that."""
        for path in self._made:
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self._root or not folder.is_dir() or any(folder.iterdir()):
                    break
                folder.rmdir()
