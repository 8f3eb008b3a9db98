"""The console blocks of docs/releases.md are what happens: from the first release to its history."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from tests.command import commit, envs, git, make_environments, make_repository
from tests.docs.console import commands
from tests.docs.test_console import run
from tests.envs.releases.remote import DIGESTS, SERVER, image, make_remote, said
from tests.tree import TREE

STEPS = commands("docs/releases.md")
E2E = "environments/releases/e2e/shop/server.yaml"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a clone in which qa runs an image already, and let Git know who commits."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Pipeline")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "pipeline@example.com")
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    checkout = make_environments(make_repository(tmp_path / "checkout"))
    assert envs("render", root=checkout).code == 0
    commit(checkout, "first")
    make_remote(checkout)
    assert envs("set-image", "qa", "shop/server", image("1.2.1"), "--push", root=checkout).code == 0
    git(checkout.parent, "clone", "--quiet", "origin.git", "clone")
    return checkout.parent / "clone"


def _step(command: str, clone: Path) -> str:
    """Run one command in the newest state of the remote; qa is deployed before, pull requests are merged after."""
    git(clone, "pull", "--quiet", "--ff-only")
    if " promote " in command:
        assert envs("record", "qa", "--commit", "HEAD", root=clone).code == 0
    printed = run(command, clone, DIGEST=DIGESTS["1.2.4"])
    if "--branch" in command:
        git(clone, "push", "--quiet", "origin", f"origin/{command.split('--branch ')[1]}:main")
    return printed


@pytest.mark.slow
def test_the_page_shows_what_happens(clone: Path) -> None:
    bare = clone.parent / "origin.git"
    printed = {command.split()[1]: _step(command, clone) for command in STEPS}

    assert set(printed) == {
        "set-image",
        "images",
        "promote",
        "verify",
        "hold",
        "unhold",
        "rollback",
        "restart",
        "history",
    }
    assert said(bare, E2E)["image"] == image("1.2.4")
    assert "e2e  shop/server  proven" in printed["verify"]
    assert "hold" not in git(bare, "ls-tree", "-r", "--name-only", "main", "environments/releases/e2e")
    assert {"image", "hold", "restartedAt"} <= {*said(bare, SERVER)}
    assert said(bare, SERVER)["image"] == image("1.2.1")
    assert printed["history"].startswith("environment,app") or not printed["history"].strip()


def test_the_pipeline_of_the_page_gives_what_the_workflow_asks_for() -> None:
    """GitHub starts no run that lacks an input or has one too many."""
    block = re.search(r"```yaml\n(  release:.*?)```", (TREE / "docs/releases.md").read_text(), re.DOTALL)
    assert block is not None
    job = yaml.safe_load(block[1])["release"]
    path = re.search(r"\.github/workflows/\S+\.yml(?=@main$)", job["uses"])
    assert path is not None
    asked = yaml.safe_load((TREE / path[0]).read_text())[True]["workflow_call"]
    required = {name for name, each in asked["inputs"].items() if each.get("required")}
    assert required <= {*job["with"]} <= {*asked["inputs"]}
    assert {*job["secrets"]} == {*asked["secrets"]}
