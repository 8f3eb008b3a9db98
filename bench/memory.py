"""The memory of a process and of all that it has started, at the same moment, as Linux tells it."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Self

_PAUSE = 0.02  # seconds between two looks
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Together:
    """Looks again and again while a process runs; use it as a context manager."""

    def __init__(self, pid: int) -> None:
        self.peak = 0.0
        """Most memory in MiB that was seen; pages that processes share count for each of them."""
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_PAUSE):
            self.peak = max(self.peak, sum(map(_resident, _family(self._pid))) / 2**20)


def _family(pid: int) -> list[int]:
    found = [pid]
    for each in found:  # grows on the way
        try:
            files = list(Path(f"/proc/{each}/task").glob("*/children"))
        except OSError:  # it has ended meanwhile
            continue
        for file in files:
            found += map(int, _text(file).split())
    return found


def _resident(pid: int) -> int:
    words = _text(Path(f"/proc/{pid}/statm")).split()
    return int(words[1]) * _PAGE if words else 0


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except OSError:  # it has ended meanwhile
        return ""
