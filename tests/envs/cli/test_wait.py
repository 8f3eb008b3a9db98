"""`envs wait` against a real API server: it follows what the job reports in its namespace."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace

from gitops.cluster.api import connect
from gitops.cluster.records import Store
from localkube.clusters import LocalCluster
from tests.command import Result, commit, envs, git, make_environments, make_repository

LAYER = """\
tier: test
cluster: {apiServer: 10.0.0.10/32}
apps: {shop: {delivery: pull, workloads: {server: {replicas: 1}}}}
gitops: {image: 'registry.example.com/gitops:1.0.0', repo: 'https://git.example.com/a.git'}
"""


@dataclass(frozen=True)
class Site:
    """A checkout of an environment with a pulled app, and what its job reports."""

    root: Path
    name: str
    kubeconfig: Path
    old: str
    new: str

    def report(self, revision: str, sync: str, health: str, message: str = "") -> None:
        """Write the status of the app as the job does."""
        status = {"revision": revision, "sync": sync, "health": health, "message": message}
        with connect(self.kubeconfig) as cluster:
            Store(cluster, f"gitops-{self.name}").save_status("shop", status)

    def words(self, timeout: int) -> list[str]:
        """Return the command that waits for the new commit."""
        where = ["--kubeconfig", str(self.kubeconfig)]
        return ["wait", self.name, "--commit", self.new, "--timeout", str(timeout), *where]

    def wait(self, timeout: int = 0) -> Result:
        """Wait for the new commit."""
        return envs(*self.words(timeout), root=self.root)


@pytest.fixture
def site(api: Client, cluster: LocalCluster, tmp_path: Path) -> Iterator[Site]:
    """Give two commits of an environment with a name of its own, whose job has a namespace."""
    name = f"e{secrets.token_hex(3)}"
    files = {f"{name}.yaml": LAYER, f"stacks/Pulumi.{name}.yaml": "config: {}\n"}
    root = make_environments(make_repository(tmp_path / "root"), files)
    envs("render", root=root)
    old = commit(root, "one replica")
    (root / f"environments/{name}.yaml").write_text(LAYER.replace("replicas: 1", "replicas: 2"))
    envs("render", root=root)
    new = commit(root, "two replicas")
    api.create(Namespace(metadata=ObjectMeta(name=f"gitops-{name}")))
    yield Site(root, name, cluster.kubeconfig, old, new)
    api.delete(Namespace, f"gitops-{name}")


def test_ends_as_soon_as_the_job_has_the_commit_in_sync_and_healthy(site: Site) -> None:
    site.report(site.old, "InSync", "Healthy")
    waiting = subprocess.Popen(
        [sys.executable, "-m", "envs", *site.words(300), "--root", str(site.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert waiting.stderr is not None
    assert f"shop: the job is at {site.old[:12]}" in waiting.stderr.readline()
    site.report(site.new, "InSync", "Progressing")
    assert "InSync Progressing" in waiting.stderr.readline()
    site.report(site.new, "InSync", "Healthy")

    out, _ = waiting.communicate(timeout=60)

    assert (waiting.returncode, out) == (0, f"{site.name}: shop: InSync Healthy at {site.new[:12]}\n")


def test_a_later_commit_with_the_same_objects_is_the_same(site: Site) -> None:
    later = commit(site.root, "something else")
    site.report(later, "InSync", "Healthy")
    assert site.wait().code == 0


@pytest.mark.parametrize(
    ("sync", "health", "code"),
    [("InSync", "Progressing", 1), ("OutOfSync", "Healthy", 1), ("InSync", "Degraded", 4)],
)
def test_says_what_is_not_there_when_the_time_is_over(site: Site, sync: str, health: str, code: int) -> None:
    site.report(site.new, sync, health, "Deployment/shop/server: image not found")

    result = site.wait()

    assert result.code == code
    assert f"{sync} {health} at {site.new[:12]}: Deployment/shop/server: image not found" in result.out
    assert f"1 app is not at {site.new[:12]} after 0 seconds" in result.err


def test_a_job_that_never_reported_is_told(site: Site) -> None:
    result = site.wait()
    assert (result.code, "the job has not reported yet" in result.out) == (1, True)


def test_a_cluster_that_does_not_answer_ends_with_5(site: Site, tmp_path: Path) -> None:
    config = yaml.safe_load(site.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    dead = tmp_path / "kubeconfig"
    dead.write_text(yaml.safe_dump(config))

    result = envs(
        *[str(dead) if word == str(site.kubeconfig) else word for word in site.words(0)], root=site.root
    )

    assert result.code == 5


def test_without_pulled_apps_there_is_nothing_to_wait_for(checkout: Path) -> None:
    """No cluster is asked."""
    result = envs("wait", "qa", "--commit", "HEAD", root=checkout)
    assert (result.code, "nothing to wait for" in result.out) == (0, True)
    assert git(checkout, "status", "--porcelain") == ""
