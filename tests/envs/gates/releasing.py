"""Releases in real repositories: written, rendered, committed, merged and judged as people and workflows do it."""

from __future__ import annotations

from pathlib import Path

from envs.errors import Exit
from tests.command import commit, envs, git

REPOSITORY = "registry.example.com/server"
OLD, NEW = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
WAYS = ("merge", "squash", "rebase")


def file(environment: str, workload: str = "server") -> str:
    """Name the file of a release below the root."""
    return f"environments/releases/{environment}/shop/{workload}.yaml"


def release(root: Path, environment: str, tag: str, digest: str = "", build: str = "") -> str:
    """Release in an environment, render and commit; returns the commit."""
    path = root / file(environment)
    path.parent.mkdir(parents=True, exist_ok=True)
    image = f"{REPOSITORY}:{tag}" + (f"@{digest}" if digest else "")
    path.write_text(f"image: {image}\n" + (f"build: '{build}'\n" if build else ""))
    return save(root, f"release {tag} in {environment}")


def save(root: Path, message: str) -> str:
    """Render and commit, as everybody does who changes a layer."""
    assert envs("render", root=root).code == 0
    return commit(root, message)


def branch(root: Path, name: str = "feature", start: str = "main") -> None:
    """Start a branch."""
    git(root, "switch", "--quiet", "--create", name, start)


def merge(root: Path, way: str, name: str = "feature") -> tuple[str, str]:
    """Merge a pull request; returns what main was before and what it is now."""
    git(root, "switch", "--quiet", "main")
    before = git(root, "rev-parse", "HEAD")
    if way == "rebase":
        git(root, "switch", "--quiet", name)
        git(root, "rebase", "--quiet", "--force-rebase", "main")
        git(root, "switch", "--quiet", "main")
        git(root, "merge", "--quiet", "--ff-only", name)
    elif way == "squash":
        git(root, "merge", "--quiet", "--squash", name)
        commit(root, "squashed")
    else:
        git(root, "merge", "--quiet", "--no-ff", "--no-edit", name)
    return before, git(root, "rev-parse", "HEAD")


def check(root: Path, base: str) -> list[tuple[str, str]]:
    """Judge what a change adds; returns object and message of each finding."""
    result = envs("check", "--base", base, "--format", "json", root=root)
    assert result.code in {Exit.FINE, Exit.FOUND}, result.err
    found = [one for one in result.json["findings"] if one["rule"] != "releases-are-promoted"]
    assert {(one["rule"], one["level"]) for one in found} <= {("tags-are-never-reused", "mandatory")}
    return [(one["object"], one["message"]) for one in found]


def assert_all_gates_pass(root: Path, base: str) -> None:
    """Run what a pull request runs."""
    assert check(root, base) == []
    assert envs("check", root=root).code == 0
    assert envs("render", "--check", root=root).code == 0
    assert envs("preview", "--base", base, "--format", "json", root=root).json["findings"]["mandatory"] == 0
