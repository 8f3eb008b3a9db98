"""Waits for what a cluster or a process does in its own time. In: a condition. Out: it holds, or the test fails."""

import time
from collections.abc import Callable

import pytest


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 120) -> None:
    """Return as soon as the condition holds; the limit only keeps a broken test from hanging."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not so after {seconds:.0f} s")
        time.sleep(0.05)
