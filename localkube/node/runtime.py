"""Starts containerd with runc and CNI plugins, at a socket in the folder of the cluster."""

import json
import subprocess
from pathlib import Path

from localkube.node.machine import CNI_PLUGINS
from localkube.processes import Processes

POD_RANGE = "10.244.0.0/16"
_NODE_RANGE = "10.244.0.0/24"
_CONFIG = """\
version = 2
root = "{folder}/containerd"
state = "/run/containerd-state"
[grpc]
  address = "{socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true # a sandbox may not lower its score without CAP_SYS_RESOURCE
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "{plugins}"
  conf_dir = "{folder}/cni"
"""


def socket_of(folder: Path) -> Path:
    """Return the path of the runtime's socket."""
    return folder / "containerd.sock"


def start_runtime(folder: Path, processes: Processes) -> None:
    """Start containerd and return before it answers."""
    (folder / "cni").mkdir()
    (folder / "cni" / "bridge.conflist").write_text(json.dumps(_network(folder)))
    config = folder / "containerd.toml"
    config.write_text(_CONFIG.format(folder=folder, socket=socket_of(folder), plugins=CNI_PLUGINS))
    processes.start("containerd", "containerd", "--config", config)


def answers(folder: Path) -> bool:
    """Tell whether the runtime answers."""
    return _ctr(folder, "version").returncode == 0


def import_image(folder: Path, archive: Path) -> None:
    """Load the images of a docker-archive, so that pods can use them with `imagePullPolicy: Never`."""
    done = _ctr(folder, "--namespace", "k8s.io", "images", "import", str(archive))
    done.check_returncode()


def _ctr(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["ctr", "--address", str(socket_of(folder)), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _network(folder: Path) -> dict[str, object]:
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": _NODE_RANGE}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": str(folder / "addresses"),
    }
    bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": True, "hairpinMode": True}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "pods", "plugins": [{**bridge, "ipam": addresses}, ports]}
