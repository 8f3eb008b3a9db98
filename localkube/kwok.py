"""Lets workloads become ready without running anything: kwok simulates one large node and its kubelet.

Deployments become Available and Jobs complete. There are no logs, no exec, no failing containers
and no network policy.
"""

from typing import Any

from localkube.control_plane import ControlPlane

_CAPACITY = {"cpu": "1000", "memory": "4Ti", "pods": "10000", "ephemeral-storage": "4Ti"}
NODE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {
        "name": "kwok",
        "labels": {
            "kubernetes.io/hostname": "kwok",
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
            "topology.kubernetes.io/zone": "local",
            # What the environments of this repository ask of nodes; without them, prod would never be ready.
            "disk": "ssd",
            "pool": "cpu",
        },
    },
    "status": {"allocatable": _CAPACITY, "capacity": _CAPACITY},
}


def start_kwok(plane: ControlPlane) -> None:
    """Start kwok and register its node."""
    plane.processes.start(
        "kwok",
        plane.binaries / "kwok",
        f"--kubeconfig={plane.kubeconfig('admin')}",
        "--manage-all-nodes=true",
        "--node-lease-duration-seconds=40",  # without a lease the node counts as lost after 40 s, and its pods too
        f"--config={plane.binaries / 'stages.yaml'}",
        "--server-address=127.0.0.1:0",
    )
    plane.api.create("/api/v1/nodes", NODE)
    plane.processes.wait_for("the node is ready", lambda: plane.api.has_ready_node("kwok"))
