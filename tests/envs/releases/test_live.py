"""Releases and a real cluster: how long a new version takes to get there, and when it may go on."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from lightkube import Client
from lightkube.resources.apps_v1 import Deployment

from envs.errors import Exit
from localkube.clusters import LocalCluster
from tests.command import Result, commit, envs, git, make_environments, make_repository
from tests.envs.releases.remote import image, make_remote
from tests.envs.releases.test_promote import ran
from tests.waiting import wait_until


@dataclass(frozen=True)
class Deployed:
    """A checkout with an environment of its own name, which runs in the cluster."""

    root: Path
    name: str
    access: tuple[str, ...]

    def ask(self, *words: str) -> Result:
        """Run a command on the checkout and its cluster."""
        return envs(*words, *self.access, root=self.root)

    def up(self) -> Result:
        """Apply what the checkout says."""
        return self.ask("up", self.name, "--yes")

    def healthy(self) -> bool:
        """Whether all of it is applied and runs."""
        return self.ask("status", self.name).code == 0


@pytest.fixture
def deployed(ready: Client, cluster: LocalCluster, tmp_path: Path) -> Iterator[Deployed]:
    """Give a checkout whose environment runs, and take it away afterwards."""
    del ready
    name = f"e{secrets.token_hex(3)}"
    files = {
        f"{name}.yaml": "tier: test\n",
        f"stacks/Pulumi.{name}.yaml": "config: {}\n",
        "e2e.yaml": f"tier: test\npromotes: {{from: {name}}}\n",
    }
    root = make_environments(make_repository(tmp_path / "checkout"), files)
    assert envs("render", root=root).code == 0
    commit(root, "first")
    context = yaml.safe_load(cluster.kubeconfig.read_text())["current-context"]
    made = Deployed(root, name, ("--context", context, "--kubeconfig", os.fspath(cluster.kubeconfig)))
    try:
        assert made.up().code == 0
        wait_until(made.healthy, f"{name} is healthy")
        yield made
    finally:
        assert made.ask("down", name, "--yes").code == 0


def test_a_new_version_comes_by_one_command_and_one_push(
    deployed: Deployed,
    ready: Client,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Prints how long it takes from the command until the pods run it; see docs/releases.md."""
    make_remote(deployed.root)
    pipeline = deployed.root.parent / "pipeline"
    git(deployed.root.parent, "clone", "--quiet", "origin.git", "pipeline")
    started = time.monotonic()

    released = envs("set-image", deployed.name, "shop/server", image("1.2.4"), "--push", root=pipeline)
    pushed = time.monotonic() - started
    git(deployed.root, "pull", "--quiet", "origin", "main")
    applied = deployed.up()
    done = time.monotonic() - started
    wait_until(deployed.healthy, f"{deployed.name} is healthy")
    running = time.monotonic() - started

    assert (released.code, applied.code) == (0, 0), released.err + applied.err
    spec = ready.get(Deployment, "server", namespace=f"shop-{deployed.name}").spec
    assert spec is not None
    assert spec.template.spec is not None
    assert spec.template.spec.containers[0].image == image("1.2.4")
    text = f"pushed after {pushed:.1f} s, applied after {done:.1f} s, running after {running:.1f} s"
    with capsys.disabled():
        print(f"\nA new version: {text}")  # noqa: T201 that is what it is for


def test_an_app_goes_on_once_its_cluster_says_that_it_is_healthy(deployed: Deployed) -> None:
    words = ("set-image", deployed.name, "shop/server", image("1.2.4"), "--commit")
    assert envs(*words, root=deployed.root).code == 0
    ran(deployed.root, deployed.name)
    assert deployed.ask("down", deployed.name, "--yes").code == 0

    missing = deployed.ask("promote", deployed.name, "e2e")
    assert deployed.up().code == 0
    wait_until(deployed.healthy, f"{deployed.name} is healthy")
    healthy = deployed.ask("promote", deployed.name, "e2e")

    assert missing.code == Exit.REFUSED
    assert f"is Missing according to the status of {deployed.name}; mend it there first" in missing.err
    assert healthy.code == 0, healthy.err
