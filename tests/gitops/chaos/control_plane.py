"""An API server of one test, which can be killed and started again; no controllers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localkube.binaries import ensure_built
from localkube.control_plane import ControlPlane, Listener, hold_port, make_authority, start_api_server
from localkube.errors import ClusterError
from localkube.processes import Processes

if TYPE_CHECKING:
    from collections.abc import Iterator

_SERVER = "kube-apiserver"


@dataclass(frozen=True)
class Restartable:
    """A control plane, and the command line of its API server."""

    plane: ControlPlane
    command: tuple[str, ...]

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.plane.folder / "kubeconfig"

    def kill(self) -> None:
        """Kill the API server, and wait until it is gone."""
        self.plane.processes.end(_SERVER)

    def start(self) -> None:
        """Start it again, with the data that it had; called by the main thread, with which it ends."""
        self.plane.processes.start(_SERVER, *self.command)
        self.plane.processes.wait_for("the API server is ready", self.plane.api.is_ready)


@contextmanager
def restartable(folder: Path) -> Iterator[Restartable]:
    """Start etcd and an API server; skip the test where they cannot be had."""
    try:
        binaries = ensure_built(print)
    except ClusterError as error:
        pytest.skip(str(error))
    folder.mkdir()
    processes = Processes(folder / "logs")
    try:
        with hold_port() as holder:
            port = holder.getsockname()[1]
            listener = Listener("127.0.0.1", port, f"https://127.0.0.1:{port}")
            plane = ControlPlane(
                folder, binaries, processes, make_authority(folder / "certificates"), listener
            )
            flags = (
                "--authorization-mode=RBAC",
                "--endpoint-reconciler-type=none",
                "--permit-port-sharing=true",
            )
            start_api_server(plane, *flags)
            processes.wait_for("the API server is ready", plane.api.is_ready)
            plane.publish()
            (command,) = (words for pid in processes.pids if (words := _command(pid))[0].endswith(_SERVER))
            yield Restartable(plane, command)
    finally:
        processes.kill()


def _command(pid: int) -> tuple[str, ...]:
    return tuple(Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").rstrip("\0").split("\0"))
