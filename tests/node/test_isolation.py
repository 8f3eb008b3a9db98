"""Nodes run side by side, and neither a running nor a killed one changes the machine."""

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from lightkube import Client
from lightkube.resources.core_v1 import Node

from localkube.clusters import LocalCluster, start, stop
from localkube.folders import cluster_folder
from tests.processes import processes_of
from tests.waiting import wait_until


@pytest.fixture
def second(node: Client) -> Iterator[str]:
    """Start another node beside the one of the run, give its name, and remove it afterwards."""
    assert node
    name = f"second-{secrets.token_hex(4)}"
    start(name, "node", owner=os.getpid(), report=print)
    yield name
    stop(name)


def test_one_of_two_nodes_ends_without_a_trace_and_the_other_goes_on(node: Client, second: str) -> None:
    assert _traces_of(second) != []

    stop(second)

    assert _traces_of(second) == []
    assert node.get(Node, "n1")


def test_a_node_shows_the_machine_no_mount_and_no_network_device(
    node: Client, node_cluster: LocalCluster
) -> None:
    assert node.get(Node, "n1")
    devices = subprocess.run(["ip", "-brief", "link"], capture_output=True, text=True, check=True).stdout

    assert str(node_cluster.kubeconfig.parent) not in Path("/proc/self/mountinfo").read_text()
    assert "cni0" not in devices
    assert "n0" not in devices.split()


def test_what_a_killed_node_leaves_is_removed_by_the_next_start(second: str) -> None:
    (supervisor,) = processes_of(second, "localkube.supervisor")
    os.kill(supervisor, signal.SIGKILL)
    wait_until(lambda: processes_of(second) == [], "its processes are gone")
    assert _traces_of(second) != []

    start(f"{second}-next", "api", owner=os.getpid(), report=print)
    stop(f"{second}-next")

    assert _traces_of(second) == []


def _traces_of(name: str) -> list[str]:
    cgroups = Path("/sys/fs/cgroup").glob(f"*/localkube-{name}")
    return [*map(str, processes_of(name)), *map(str, cgroups), *map(str, cluster_folder(name).glob("*"))]
