"""Clusters start side by side, are shared by name, and leave nothing behind, however their owner ends."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace

from localkube.binaries import ensure_built
from localkube.clusters import Choice, LocalCluster, obtain, start, stop
from localkube.errors import ClusterError
from localkube.folders import cluster_folder
from tests.processes import processes_of
from tests.waiting import wait_until

pytestmark = pytest.mark.api

OWNER = """
import os, sys, time
from localkube.clusters import start
start(sys.argv[1], "api", owner=os.getpid(), report=print)
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def name() -> Iterator[str]:
    """Give a cluster's name that no other test uses, and remove the cluster afterwards."""
    name = f"test-{secrets.token_hex(4)}"
    yield name
    stop(name)


def test_two_clusters_run_side_by_side_and_share_nothing(name: str) -> None:
    other = f"{name}-b"
    try:
        first, second = _start(name), _start(other)
        _create_namespace(first, "only-in-the-first")

        assert "only-in-the-first" in _namespaces(first)
        assert "only-in-the-first" not in _namespaces(second)
    finally:
        stop(other)


def test_starting_a_cluster_again_gives_the_one_that_runs(name: str) -> None:
    first = _start(name)
    _create_namespace(first, "kept")

    assert "kept" in _namespaces(_start(name))


def test_a_cluster_of_another_level_is_not_given_for_the_one_that_was_asked_for(name: str) -> None:
    _start(name)

    with pytest.raises(ClusterError, match=r"runs as api, not as ready: remove it first"):
        start(name, "ready", owner=os.getpid(), report=print)


def test_stopping_leaves_no_process_and_no_file(name: str) -> None:
    _start(name)

    assert stop(name)

    assert not cluster_folder(name).exists()
    assert processes_of(name) == []


def test_a_killed_owner_takes_its_cluster_with_it(name: str) -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER, name], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert "up\n" in iter(owner.stdout.readline, "")
        assert processes_of(name) != []
        owner.kill()

    wait_until(lambda: processes_of(name) == [], "its processes are gone")
    assert not cluster_folder(name).exists()


def test_an_owner_killed_while_the_cluster_comes_up_takes_it_with_it(name: str) -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER, name], stdout=subprocess.DEVNULL) as owner:
        wait_until(lambda: processes_of(name, "--data-dir=") != [], "etcd runs")
        owner.kill()

    wait_until(lambda: processes_of(name) == [], "its processes are gone")
    assert not cluster_folder(name).exists()


def test_a_killed_supervisor_leaves_only_files_which_the_next_start_removes(name: str) -> None:
    _start(name)
    (supervisor,) = processes_of(name, "localkube.supervisor")
    os.kill(supervisor, signal.SIGKILL)
    wait_until(lambda: processes_of(name) == [], "its processes are gone")
    assert cluster_folder(name).exists()

    next_one = f"{name}-n"
    try:
        _start(next_one)
        assert not cluster_folder(name).exists()
    finally:
        stop(next_one)


def test_a_component_that_dies_ends_the_cluster(name: str) -> None:
    _start(name)
    (etcd,) = processes_of(name, "--data-dir=")

    os.kill(etcd, signal.SIGKILL)

    wait_until(lambda: processes_of(name) == [], "everything ended")


def test_the_cluster_named_for_tests_comes_first(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "named"
    kubeconfig.touch()

    environment = {"TEST_KUBECONFIG": str(kubeconfig), "KUBECONFIG": "/elsewhere"}
    cluster = obtain("unused", "api", Choice.of(environment), owner=None, report=print)

    assert cluster == LocalCluster(kubeconfig, "named")


def test_a_named_kubeconfig_that_does_not_exist_is_an_error_and_not_replaced() -> None:
    with pytest.raises(ClusterError, match="TEST_KUBECONFIG=/nowhere: there is no such file"):
        obtain("unused", "api", Choice(named="/nowhere"), owner=None, report=print)


def test_without_go_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(
        ClusterError, match=r"^No cluster: install Go 1\.26 or newer .*kind.*TEST_KUBECONFIG\.$"
    ):
        ensure_built(print)


def _start(name: str) -> LocalCluster:
    return start(name, "api", owner=os.getpid(), report=print)


def _client(cluster: LocalCluster) -> Client:
    return Client(config=KubeConfig.from_file(cluster.kubeconfig).get(), trust_env=False)


def _create_namespace(cluster: LocalCluster, name: str) -> None:
    with _client(cluster) as client:
        client.create(Namespace(metadata=ObjectMeta(name=name)))


def _namespaces(cluster: LocalCluster) -> set[str | None]:
    with _client(cluster) as client:
        return {found.metadata.name for found in client.list(Namespace) if found.metadata}
