"""Finds the processes of a cluster. In: its name. Out: process ids, seen from outside of its namespaces."""

import os
from pathlib import Path

from localkube.folders import cluster_folder


def processes_of(name: str, containing: str = "") -> list[int]:
    """Return the processes whose command line names the cluster's folder, and the text if there is one."""
    folder = os.fsencode(cluster_folder(name))
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if folder in (line := _command(pid)) and containing.encode() in line]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
