"""Files that are created together: all of them, or none."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from envs.checkout.rendered import check_folders, replace_file
from envs.errors import CommandError, Exit


class Creation:
    """Creates files below a root, and takes all of them back when asked to."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: list[Path] = []

    def __call__(self, path: str, data: bytes) -> None:
        """Create one file, given by its path below the root.

        Raises CommandError where it exists already, a folder of it is something else, or writing fails.
        """
        check_folders(self._root, [path])
        if os.path.lexists(self._root / path):
            raise CommandError(f"{path} exists already; nothing was written", Exit.BAD_INPUT)
        self._made.append(self._root / path)
        replace_file(self._root / path, data)

    def undo(self) -> None:
        """Delete what was created, and the folders that are empty then."""
        for path in self._made:
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self._root or not folder.is_dir() or any(folder.iterdir()):
                    break
                folder.rmdir()


@contextlib.contextmanager
def all_or_nothing(root: Path) -> Iterator[Creation]:
    """Give what creates files; whatever goes wrong inside, also Control-C, takes them back."""
    creation = Creation(root)
    try:
        yield creation
    except BaseException:
        creation.undo()
        raise
