"""Roots that several tests of commands start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import commit, envs, make_environments, make_repository


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a root with qa, e2e and prod, outside of any repository."""
    return make_environments(tmp_path / "root")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give such a root, rendered and committed to the branch main of its own repository."""
    folder = make_environments(make_repository(tmp_path / "checkout"))
    assert envs("render", root=folder).code == 0
    commit(folder, "first")
    return folder
