"""A bare repository as the remote of a checkout, and what it says."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from tests.command import git

DIGESTS = {version: f"sha256:{version[-1] * 64}" for version in ("1.2.1", "1.2.4", "1.2.5", "1.2.6")}
SERVER = "environments/releases/qa/shop/server.yaml"
RENDERED = "rendered/qa/apps/shop/deployment-server.yaml"


def image(version: str) -> str:
    """Name an image with its digest."""
    return f"registry.example.com/server:{version}@{DIGESTS[version]}"


def make_remote(checkout: Path) -> Path:
    """Make a bare clone beside a checkout and name it origin."""
    bare = checkout.parent / "origin.git"
    git(checkout, "clone", "--quiet", "--bare", os.fspath(checkout), os.fspath(bare))
    git(checkout, "remote", "add", "origin", os.fspath(bare))
    return bare


def said(bare: Path, path: str = SERVER, branch: str = "main") -> dict[str, object]:
    """Read a file of a branch."""
    read = yaml.safe_load(git(bare, "show", f"{branch}:{path}"))
    assert isinstance(read, dict)
    return read


def changed_by(repository: Path, commit: str = "main") -> list[str]:
    """List the files that a commit changed."""
    return git(repository, "diff-tree", "--no-commit-id", "--name-only", "-r", commit).splitlines()
