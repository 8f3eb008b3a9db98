"""Creates and deletes clusters of one node with kind, where a Docker engine runs."""

import shutil
import subprocess
from pathlib import Path

from localkube.errors import ClusterError

CONFIG = Path(__file__).with_name("kind.yaml")
VERSION = "v0.33.0"  # kind supports a node image with the release that it was built for, and no other
_MARK = "kind"


def is_usable() -> bool:
    """Tell whether a Docker engine answers and kind is installed in the version of the node image."""
    if not (shutil.which("kind") and shutil.which("docker")):
        return False
    return (
        _answer("kind", "version") == VERSION
        and _answer("docker", "version", "--format", "docker") == "docker"
    )


def create(folder: Path) -> None:
    """Create the cluster; its kubeconfig appears in the folder once it is ready, never in ~/.kube."""
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


def _answer(*command: str) -> str:
    """Return the output of a command, only the version for kind; empty if it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (subprocess.SubprocessError, OSError):
        return ""
    return done.stdout.removeprefix("kind ").split(" ")[0].strip()


def _kind(*arguments: str) -> str:
    done = subprocess.run(["kind", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(f"kind {' '.join(arguments[:2])} failed:\n{done.stderr.strip()}")
    return done.stdout
