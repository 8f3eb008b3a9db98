"""Starts, finds and stops clusters by name."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from localkube import kind
from localkube.binaries import ensure_built
from localkube.errors import ClusterError
from localkube.folders import (
    claim,
    cluster_folder,
    discard,
    exclusively,
    is_alive,
    registry_lock,
    runtime_folder,
)
from localkube.node.cgroups import remove_cgroups
from localkube.node.machine import require_fit_machine

Level = Literal["api", "ready", "node"]
Backend = Literal["api", "ready", "node", "kind"]
Provider = Literal["named", "kind", "localkube"]
Report = Callable[[str], None]
_BACKEND = "backend"
_PID = "supervisor.pid"
_PATIENCE = 240.0  # seconds; kind needs most of a minute


@dataclass(frozen=True)
class LocalCluster:
    """A running cluster: its administrator's kubeconfig, and its provider."""

    kubeconfig: Path
    provider: Provider


@dataclass(frozen=True)
class Choice:
    """The user's choice: a kubeconfig for tests, or never kind."""

    named: str | None = None
    only_localkube: bool = False

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Choice":
        """Read TEST_KUBECONFIG and TEST_CLUSTER=localkube; KUBECONFIG is ignored."""
        return cls(environment.get("TEST_KUBECONFIG"), environment.get("TEST_CLUSTER") == "localkube")


def obtain(name: str, level: Level, choice: Choice, *, owner: int | None, report: Report) -> LocalCluster:
    """Return the kubeconfig named for tests, else a kind cluster, else one built here; a node is always ours."""
    if choice.named and level != "node":
        path = Path(choice.named).absolute()
        if not path.is_file():
            raise ClusterError(f"TEST_KUBECONFIG={choice.named}: there is no such file")
        return LocalCluster(path, "named")
    if level != "node" and not choice.only_localkube and kind.is_usable():
        return start(name, "kind", owner=owner, report=report)
    return start(name, level, owner=owner, report=report)


def start(name: str, backend: Backend, *, owner: int | None, report: Report) -> LocalCluster:
    """Return the cluster of that name, starting it unless it runs; it ends with its owner, or by `stop`."""
    if backend == "node":
        require_fit_machine()
    binaries = ensure_built(report) if backend != "kind" else None
    folder = cluster_folder(name)
    with exclusively(registry_lock()):
        _remove_leftovers()
        lock = _new_folder(folder, backend)
    if lock is None:
        _wait_until_up(folder, backend)
    else:
        with lock:
            report(f"localkube: starting {name} ({backend}), logs in {folder / 'logs'}")
            _launch(folder, lock, backend, binaries, owner)
    return LocalCluster(folder / "kubeconfig", "kind" if backend == "kind" else "localkube")


def stop(name: str) -> bool:
    """Stop and remove the cluster of that name, and remains of killed ones; tell whether there was one."""
    folder = cluster_folder(name)
    found = is_alive(folder)
    if found:
        _end(int((folder / _PID).read_text()), f"{name} does not stop; its state is in {folder}")
    with exclusively(registry_lock()):
        _remove_leftovers()
    return found


def _remove_leftovers() -> None:
    """Remove every cluster whose supervisor was killed, or failed; its processes have ended with it."""
    for folder in runtime_folder().iterdir():
        if folder.is_dir() and not is_alive(folder):
            kind.delete(folder)
            remove_cgroups(folder.name)
            discard(folder)


def _new_folder(folder: Path, backend: Backend) -> IO[str] | None:
    """Make and lock the cluster's folder, or return nothing if the cluster exists."""
    if is_alive(folder):
        return None
    folder.mkdir(mode=0o700)
    (folder / _BACKEND).write_text(backend)
    return claim(folder)


def _launch(folder: Path, lock: IO[str], backend: str, binaries: Path | None, owner: int | None) -> None:
    command = [sys.executable, "-m", "localkube.supervisor", str(folder), "--backend", backend]
    command += ["--binaries", str(binaries)] if binaries else []
    command += ["--owner", str(owner)] if owner else []
    with (folder / "supervisor.log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=Path(__file__).parents[1],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            pass_fds=[lock.fileno()],
            start_new_session=True,
        )
    (folder / _PID).write_text(str(process.pid))
    assert process.stdout is not None  # noqa: S101 - it was asked for as a pipe
    with process.stdout as answer:
        first = answer.readline()
        if first != "up\n":
            raise ClusterError((first + answer.read()).strip() or (folder / "supervisor.log").read_text())
    process.returncode = 0  # it runs on its own; nobody waits for it


def _end(supervisor: int, otherwise: str) -> None:
    """Tell a supervisor to stop, and wait until it has."""
    descriptor = os.pidfd_open(supervisor)
    try:
        signal.pidfd_send_signal(descriptor, signal.SIGTERM)
        if not select.select([descriptor], [], [], _PATIENCE)[0]:
            raise ClusterError(f"{otherwise} (waited {_PATIENCE:.0f} s)")
    finally:
        os.close(descriptor)


def _wait_until_up(folder: Path, backend: Backend) -> None:
    """Wait for a cluster that another process is starting."""
    found = (folder / _BACKEND).read_text()
    if found != backend:
        raise ClusterError(
            f"{folder.name} runs as {found}, not as {backend}: remove it first (make cluster-down)"
        )
    up, deadline = folder / "kubeconfig", time.monotonic() + _PATIENCE
    while is_alive(folder) and not up.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    if not up.exists():
        raise ClusterError(f"{folder.name} did not come up (waited at most {_PATIENCE:.0f} s); see {folder}")
