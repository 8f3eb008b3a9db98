"""Runs a node from outside its namespaces."""

import socket
import sys
from pathlib import Path

from localkube.node.cgroups import make_cgroups, remove_cgroups
from localkube.node.machine import NAMESPACES
from localkube.processes import Processes, dies_with_parent

_PID = "unshare.pid"


def inside(folder: Path) -> list[str]:
    """Return the command prefix that runs a command in the node's namespaces.

    The command ends with the namespaces, or when its own process is killed.
    """
    unshare = (folder / _PID).read_text()
    first = Path(f"/proc/{unshare}/task/{unshare}/children").read_text().strip()
    return ["nsenter", "--target", first, "--net", "--mount", "--pid", "--", *dies_with_parent()]


class Node:
    """The namespaces of one node; the kernel ends everything in them when the first process ends."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._folder: Path | None = None
        self._processes: Processes | None = None

    def start(self, folder: Path) -> None:
        """Bring the node up; the socket is created here, so that it listens outside the node's network."""
        self._folder, self._processes = folder, Processes(folder / "logs")
        make_cgroups(folder.name)
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
            inner = (sys.executable, "-m", "localkube.node", str(folder), str(self._binaries))
            fd = listening.fileno()
            self._processes.start("node", *NAMESPACES, *inner, str(fd), inherit=(fd,))
        (unshare,) = self._processes.pids
        (folder / _PID).write_text(str(unshare))
        self._processes.wait_for("the node is up", (folder / "kubeconfig").exists)

    def check(self) -> None:
        """Raise ClusterError if the node has ended."""
        if self._processes:
            self._processes.check()

    def stop(self) -> None:
        """End the node and remove its cgroups."""
        if self._processes and self._folder:
            self._processes.kill()
            remove_cgroups(self._folder.name)
