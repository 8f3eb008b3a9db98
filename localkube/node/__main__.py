"""The first process of a node's namespaces: starts everything in them and monitors it.

Writes the kubeconfig into the folder of the cluster.
"""

import os
import platform
import socket
import sys
import time
from pathlib import Path
from typing import NoReturn

from localkube.control_plane import (
    SERVICE_RANGE,
    ControlPlane,
    Listener,
    make_authority,
    start_api_server,
    start_controllers,
    wait_until_usable,
)
from localkube.errors import ClusterError
from localkube.node.images import node_images, write_archive
from localkube.node.kubelet import make_certificates, start_node
from localkube.node.runtime import POD_RANGE, answers, import_image, start_runtime
from localkube.node.shield import ADDRESS, make_network, raise_shield
from localkube.processes import Processes

_PORT = 6443
_CHECK_EVERY = 1.0  # seconds


def main() -> None:
    """Bring the node up and monitor it until it is killed."""
    folder, binaries, outside = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    try:
        plane = _prepare(folder, binaries, outside)
        _bring_up(plane)
        forwarder = (sys.executable, "-m", "localkube.node.forwarder", str(outside), ADDRESS, str(_PORT))
        plane.processes.start("forwarder", *forwarder, inherit=(outside,))
        plane.publish()
        _look_after(plane.processes)
    except ClusterError as error:
        sys.exit(str(error))


def _prepare(folder: Path, binaries: Path, outside: int) -> ControlPlane:
    raise_shield(folder)
    make_network()
    with socket.socket(fileno=os.dup(outside)) as listening:
        reached_at = f"https://127.0.0.1:{listening.getsockname()[1]}"
    authority = make_authority(folder / "certificates", (ADDRESS,))
    listener = Listener(ADDRESS, _PORT, reached_at)
    plane = ControlPlane(folder, binaries, Processes(folder / "logs"), authority, listener)
    make_certificates(plane)
    return plane


def _bring_up(plane: ControlPlane) -> None:
    start_runtime(plane.folder, plane.processes)
    start_api_server(
        plane,
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        f"--kubelet-client-certificate={plane.certificate('kubelet-client.crt')}",
        f"--kubelet-client-key={plane.certificate('kubelet-client.key')}",
        f"--kubelet-certificate-authority={plane.certificate('ca.crt')}",
        "--kubelet-preferred-address-types=InternalIP",
    )
    _import_images(plane)
    pods = ("--allocate-node-cidrs=true", f"--cluster-cidr={POD_RANGE}")
    start_controllers(plane, scheduler=True, flags=(*pods, f"--service-cluster-ip-range={SERVICE_RANGE}"))
    start_node(plane)
    wait_until_usable(plane)


def _import_images(plane: ControlPlane) -> None:
    """Load the node's images while the API server starts."""
    plane.processes.wait_for("containerd answers", lambda: answers(plane.folder))
    for image in node_images():
        archive = write_archive(image, plane.folder / "image.tar", platform.machine())
        import_image(plane.folder, archive)
        archive.unlink()


def _look_after(processes: Processes) -> NoReturn:
    while True:
        processes.check()
        _reap_orphans(processes.pids)
        time.sleep(_CHECK_EVERY)


def _reap_orphans(children: frozenset[int]) -> None:
    """Reap orphaned processes, which the first process of a namespace inherits, but not our own children."""
    while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        if ended.si_pid in children:
            return
        os.waitpid(ended.si_pid, 0)


if __name__ == "__main__":
    main()
