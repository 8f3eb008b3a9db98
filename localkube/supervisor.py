"""Keeps one cluster running while its owner runs, then removes it.

It inherits the lock of the cluster's folder, and prints one line: `up`, or what went wrong.
"""

import argparse
import os
import select
import signal
import sys
from pathlib import Path
from typing import NoReturn

from localkube.backends import Backend, Kind, Local
from localkube.errors import ClusterError
from localkube.folders import discard, exclusively, registry_lock
from localkube.node.backend import Node

_CHECK_EVERY = 1.0  # seconds


def main() -> None:
    """Run the supervisor until its owner ends or asks it to stop."""
    parser = argparse.ArgumentParser(prog="python -m localkube.supervisor")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backend", choices=("api", "ready", "node", "kind"), required=True)
    parser.add_argument("--binaries", type=Path)
    parser.add_argument("--owner", type=int)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    sys.exit(supervise(_backend(options.backend, options.binaries), options.folder, options.owner))


def _backend(name: str, binaries: Path) -> Backend:
    if name == "kind":
        return Kind()
    return Node(binaries) if name == "node" else Local(binaries, ready=name == "ready")


def supervise(backend: Backend, folder: Path, owner: int | None) -> int:
    """Start the cluster, wait for the end, remove it; after a failure the logs stay until the next start."""
    try:
        try:
            backend.start(folder)
            _say("up")
            _wait_for_end(backend, owner)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            backend.stop()
    except ClusterError as error:
        _say(str(error))
        return 1
    except (SystemExit, BrokenPipeError):
        pass  # told to stop, or its owner has ended before the cluster was up
    with exclusively(registry_lock()):
        discard(folder)
    return 0


def _wait_for_end(backend: Backend, owner: int | None) -> None:
    ends = [os.pidfd_open(owner)] if owner else []
    while not select.select(ends, [], [], _CHECK_EVERY)[0]:
        backend.check()


def _end(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
