"""Protects the machine from changes by a node; only for use in a mount namespace of its own.

Gives the node its own network, and private copies of what its components write to.
"""

import subprocess
from pathlib import Path

ADDRESS = "10.200.0.1"
_NOBODY = "10.200.0.254"  # a default route must exist; nobody answers there
_OWN_FOLDERS = ("/run", "/var/log", "/var/lib")
_WRITTEN_BY_THE_KUBELET = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)


def raise_shield(folder: Path) -> None:
    """Cover the folders and kernel settings that a container runtime and a kubelet write to."""
    for covered in _OWN_FOLDERS:
        _run("mount", "-t", "tmpfs", "tmpfs", covered)
    _cover_name_servers(folder / "resolv.conf")
    settings = folder / "sysctl"
    settings.mkdir()
    for name in _WRITTEN_BY_THE_KUBELET:
        copy = settings / name.replace("/", ".")
        copy.write_text(Path("/proc/sys", name).read_text())
        _run("mount", "--bind", str(copy), f"/proc/sys/{name}")


def _cover_name_servers(ours: Path) -> None:
    """Name a server that refuses at once; the machine's servers are unreachable, and waiting for them takes seconds."""
    ours.write_text(f"nameserver {ADDRESS}\n")
    theirs = Path("/etc/resolv.conf")
    if theirs.exists():
        _run("mount", "--bind", str(ours), str(theirs.resolve()))


def make_network() -> None:
    """Give this network namespace an address of the node's, on a bridge, and let it forward."""
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "link", "add", "n0", "type", "bridge")
    _run("ip", "addr", "add", f"{ADDRESS}/24", "dev", "n0")
    _run("ip", "link", "set", "n0", "up")
    _run("ip", "route", "add", "default", "via", _NOBODY, "dev", "n0")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    Path("/proc/sys/net/bridge/bridge-nf-call-iptables").write_text("1")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
