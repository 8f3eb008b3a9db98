"""A checkout of this repository works as it is: line ends, hooks, generated files."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.command import commit, envs, git, make_repository
from tests.tree import TREE

GENERATED = (
    "rendered/qa/fence/x.yaml",
    "examples/shop/rendered/prod/apps/shop/x.yaml",
    "environments/schema.json",
    "docs/policies.md",
    "requirements.lock",
)


def test_a_git_that_converts_line_ends_leaves_rendered_files_fresh(tmp_path: Path) -> None:
    """As on Windows, where core.autocrlf is usually true."""
    origin = make_repository(tmp_path / "origin")
    for name in ("environments", "rendered"):
        shutil.copytree(TREE / name, origin / name)
    shutil.copy(TREE / ".gitattributes", origin)
    commit(origin)
    git(
        tmp_path,
        "clone",
        "--quiet",
        "--config",
        "core.autocrlf=true",
        "--config",
        "core.eol=crlf",
        "origin",
        "copy",
    )
    checked = envs("render", "--check", root=tmp_path / "copy")
    assert (checked.code, checked.out) == (0, "")


@pytest.mark.parametrize("path", GENERATED)
def test_generated_files_are_folded_in_reviews(path: str) -> None:
    """By the attribute that GitHub reads."""
    assert git(TREE, "check-attr", "linguist-generated", path).endswith(": set")


def test_nothing_that_people_write_is_folded() -> None:
    """Layers, code and pages are what a review is about."""
    for path in ("environments/base.yaml", "components/render.py", "docs/gitops.md", "go.mod"):
        assert git(TREE, "check-attr", "linguist-generated", path).endswith(": unspecified")


def test_hooks_call_targets_of_the_makefile() -> None:
    """So that they check what people and CI check."""
    targets = set(re.findall(r"^([a-z-]+):", (TREE / "Makefile").read_text(), re.MULTILINE))
    config = yaml.safe_load((TREE / ".pre-commit-config.yaml").read_text())
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    for hook in hooks:
        program, target = hook["entry"].split()
        assert (program, hook["language"], target in targets) == ("make", "system", True)
