"""Checks whether this machine can run a node; the error says why not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from localkube.errors import ClusterError, UnfitMachineError

NAMESPACES = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--")
CNI_PLUGINS = Path("/usr/lib/cni")
_BRIDGE = ("ip", "link", "add", "n0", "type", "bridge")
_PACKAGES = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "ip": "iproute2",
    "busybox": "busybox-static",
}


def require_fit_machine() -> None:
    """Raise UnfitMachineError where no node can run, ClusterError where only packages are missing."""
    if sys.platform != "linux" or os.getuid() != 0:
        raise UnfitMachineError("run pods: a node needs root on Linux")
    if Path("/sys/fs/cgroup/cgroup.controllers").exists():
        raise UnfitMachineError("run pods: a node has been tried on cgroup v1 only, and this is cgroup v2")
    missing = {package for program, package in _PACKAGES.items() if shutil.which(program) is None}
    if not (CNI_PLUGINS / "bridge").exists():
        missing.add("containernetworking-plugins")
    if missing:
        names = " ".join(sorted(missing))
        raise ClusterError(
            f"No node: install its programs (apt-get install --no-install-recommends {names})."
        )
    done = subprocess.run([*NAMESPACES, *_BRIDGE], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnfitMachineError(f"run pods: no namespaces with a bridge: {done.stderr.strip()}")
