"""A checkout, its bare remote, and a runner."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import commit, envs, git, make_environments, make_repository
from tests.workflows.steps import Runner


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """Give a bare repository with the branch main of a rendered root."""
    folder = make_environments(make_repository(tmp_path / "first"))
    assert envs("render", root=folder).code == 0
    commit(folder, "first")
    bare = tmp_path / "remote.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(folder), str(bare))
    return bare


@pytest.fixture
def runner(remote: Path, tmp_path: Path) -> Runner:
    """Give a runner with a fresh clone of it."""
    git(tmp_path, "clone", "--quiet", str(remote), "clone")
    return Runner.of(tmp_path / "clone", tmp_path / "runner")
