"""Creates and removes the cgroups of one node, all below one name (cgroup v1)."""

import os
import time
from pathlib import Path

from localkube.errors import ClusterError

_ROOT = Path("/sys/fs/cgroup")
_PATIENCE = 10.0  # seconds


def cgroup_of(name: str) -> str:
    """Return the cgroup that holds the pods of a cluster's node."""
    return f"/localkube-{name}"


def make_cgroups(name: str) -> None:
    """Make the node's cgroup in every hierarchy; the kubelet requires it."""
    for controllers in _ROOT.glob("*/cgroup.procs"):
        (controllers.parent / cgroup_of(name)[1:]).mkdir(exist_ok=True)


def remove_cgroups(name: str) -> None:
    """Remove the node's cgroups, deepest first; their processes have been killed and may still be ending."""
    deadline = time.monotonic() + _PATIENCE
    for top in _ROOT.glob(f"*{cgroup_of(name)}"):
        for folder, _, _ in os.walk(top, topdown=False):
            _remove(Path(folder), deadline)


def _remove(cgroup: Path, deadline: float) -> None:
    while True:
        try:
            cgroup.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise ClusterError(f"{cgroup}: still in use; end its processes and try again") from None
            time.sleep(0.05)
        else:
            return
