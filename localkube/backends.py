"""The backends of a supervisor: a control plane built from source, with or without kwok, or a kind cluster.

Each starts a cluster and writes its kubeconfig into the folder of the cluster.
"""

from pathlib import Path
from typing import Protocol

from localkube import kind, kwok
from localkube.control_plane import (
    ControlPlane,
    Listener,
    hold_port,
    make_authority,
    start_api_server,
    start_controllers,
    wait_until_usable,
)
from localkube.processes import Processes


class Backend(Protocol):
    """Starts, monitors and removes a cluster."""

    def start(self, folder: Path) -> None:
        """Bring the cluster up and write its kubeconfig; raise ClusterError if it cannot be."""

    def check(self) -> None:
        """Raise ClusterError if a part of the cluster has ended unexpectedly."""

    def stop(self) -> None:
        """Stop everything that was started, even after a failed start."""


class Local:
    """etcd, API server and controllers as child processes; with kwok, workloads become ready."""

    def __init__(self, binaries: Path, *, ready: bool) -> None:
        self._binaries = binaries
        self._ready = ready
        self._processes: Processes | None = None

    def start(self, folder: Path) -> None:
        """Bring the control plane up."""
        self._processes = Processes(folder / "logs")
        with hold_port() as holder:
            port = holder.getsockname()[1]
            listener = Listener("127.0.0.1", port, f"https://127.0.0.1:{port}")
            authority = make_authority(folder / "certificates")
            plane = ControlPlane(folder, self._binaries, self._processes, authority, listener)
            shared = (
                "--authorization-mode=RBAC",
                "--endpoint-reconciler-type=none",
                "--permit-port-sharing=true",
            )
            start_api_server(plane, *shared)
            start_controllers(plane, scheduler=self._ready)
        if self._ready:
            kwok.start_kwok(plane)
        wait_until_usable(plane)
        plane.publish()

    def check(self) -> None:
        """Raise ClusterError if a component has ended."""
        if self._processes:
            self._processes.check()

    def stop(self) -> None:
        """End every component."""
        if self._processes:
            self._processes.kill()


class Kind:
    """A cluster of one node in a container, made by kind."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def start(self, folder: Path) -> None:
        """Create the cluster."""
        self._folder = folder
        kind.create(folder)

    def check(self) -> None:
        """Do nothing, since Docker monitors its containers."""

    def stop(self) -> None:
        """Delete the cluster."""
        if self._folder:
            kind.delete(self._folder)
