"""Runs kind where a Docker engine answers. In: a cluster's folder. Out: a cluster of one node, named after it."""

import shutil
import subprocess
from pathlib import Path

from localkube.errors import ClusterError

CONFIG = Path(__file__).with_name("kind.yaml")
VERSION = "v0.33.0"  # kind supports a node image with the release that it was built for, and no other
_MARK = "kind"


def is_usable() -> bool:
    """Tell whether a Docker engine answers and the kind command is there."""
    if not (shutil.which("kind") and shutil.which("docker")):
        return False
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    try:
        return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def create(folder: Path) -> None:
    """Create the cluster; its kubeconfig appears in the folder once it is ready, never in ~/.kube."""
    found = _kind("version", "--quiet").strip().removeprefix("v")
    if f"v{found}" != VERSION:
        raise ClusterError(f"kind {VERSION} is needed for the node image in {CONFIG}, this is {found}")
    (folder / _MARK).touch()
    unfinished = folder / "kubeconfig.unfinished"
    name = ("--name", folder.name)
    _kind(
        "create", "cluster", *name, "--config", str(CONFIG), "--kubeconfig", str(unfinished), "--wait", "180s"
    )
    unfinished.rename(folder / "kubeconfig")


def delete(folder: Path) -> None:
    """Delete the cluster of that folder, if kind made one."""
    if (folder / _MARK).exists():
        _kind("delete", "cluster", "--name", folder.name, "--kubeconfig", str(folder / "kubeconfig"))


def _kind(*arguments: str) -> str:
    done = subprocess.run(["kind", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(f"kind {' '.join(arguments[:2])} failed:\n{done.stderr.strip()}")
    return done.stdout
