"""Twenty pull requests of twenty workloads merge in any order, with promotions and reverts in between."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.command import commit, envs, git
from tests.envs.releases.remote import said
from tests.envs.releases.test_promote import ran

pytestmark = pytest.mark.slow

NAMES = [f"w{number}" for number in range(20)]
QUOTA = "    quota: {cpu: 8, memory: 32Gi, pods: 60}\n"


def new(name: str) -> str:
    """Name the image that is released of a workload."""
    return f"registry.example.com/{name}:1.0.1@sha256:{NAMES.index(name):064x}"


def file(environment: str, name: str) -> str:
    """Name a release."""
    return f"environments/releases/{environment}/shop/{name}.yaml"


@pytest.fixture
def branched(checkout: Path, bare: Path) -> Path:
    """Give a checkout with twenty workloads, of which each has a branch that releases it."""
    layer = checkout / "environments/base.yaml"
    lines = (
        f"      {name}: {{image: registry.example.com/{name}:1.0.0, ports: {{http: 8080}}}}\n"
        for name in NAMES
    )
    layer.write_text(layer.read_text().replace("    team: web\n", f"    team: web\n{QUOTA}") + "".join(lines))
    assert envs("render", root=checkout).code == 0
    commit(checkout, "twenty workloads")
    git(checkout, "push", "--quiet", "origin", "main")
    for name in NAMES:
        result = envs("set-image", "qa", f"shop/{name}", new(name), "--branch", name, root=checkout)
        assert result.code == 0, result.err
    git(checkout, "fetch", "--quiet", os.fspath(bare), "+refs/heads/*:refs/remotes/origin/*")
    return checkout


@pytest.mark.parametrize("seed", [1, 2])
def test_twenty_branches_merge_in_any_order(branched: Path, seed: int) -> None:
    order = random.Random(seed).sample(NAMES, len(NAMES))  # noqa: S311 not a secret
    for name in order[:10]:
        git(branched, "merge", "--quiet", "--no-edit", "--no-ff", f"origin/{name}")
    ran(branched, "qa")
    promoted = envs("promote", "qa", "e2e", "--commit", root=branched)
    taken_back = order[3]
    git(branched, "revert", "--no-edit", "--mainline=1", _merge_of(branched, taken_back))
    for name in order[10:]:
        git(branched, "merge", "--quiet", "--no-edit", "--no-ff", f"origin/{name}")

    assert promoted.code == 0, promoted.err
    released = git(branched, "ls-tree", "-r", "--name-only", "HEAD", "environments/releases").splitlines()
    expected = [file("qa", name) for name in NAMES if name != taken_back]
    assert sorted(released) == sorted([*expected, *(file("e2e", name) for name in order[:10])])
    assert all(
        said(branched, file("qa", name), "HEAD") == {"image": new(name)}
        for name in NAMES
        if name != taken_back
    )
    assert envs("render", "--check", root=branched).code == 0
    assert envs("check", "--base", "HEAD~1", root=branched).code == 0


def _merge_of(root: Path, name: str) -> str:
    """Find the merge of a branch."""
    return git(root, "log", "--merges", "--format=%H", "--fixed-strings", f"--grep=origin/{name}'")
