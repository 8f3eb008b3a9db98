"""What the tests of writers start from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.envs.releases.remote import make_remote


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Git know who commits, and nothing of the machine's own settings."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Pipeline")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "pipeline@example.com")


@pytest.fixture
def bare(checkout: Path) -> Path:
    """Give the remote of the checkout."""
    return make_remote(checkout)
