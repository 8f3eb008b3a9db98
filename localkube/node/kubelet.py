"""Starts kubelet and kube-proxy of the only node, `n1`."""

import json
from typing import Any

from localkube.control_plane import ControlPlane
from localkube.node.cgroups import cgroup_of
from localkube.node.runtime import POD_RANGE, socket_of
from localkube.node.shield import ADDRESS

NODE = "n1"


def make_certificates(plane: ControlPlane) -> None:
    """Make the certificates that a node adds to those of its control plane."""
    plane.authority.server(NODE, [NODE, ADDRESS], user=f"system:node:{NODE}", group="system:nodes")
    plane.authority.client("kube-proxy", "system:kube-proxy")
    plane.authority.client("kubelet-client", "kube-apiserver", "system:masters")


def start_node(plane: ControlPlane) -> None:
    """Start kubelet and kube-proxy, and wait until the node is ready."""
    config = plane.folder / "kubelet.yaml"
    config.write_text(json.dumps(_configuration(plane)))
    plane.processes.start(
        "kubelet",
        plane.binaries / "kubelet",
        f"--config={config}",
        f"--kubeconfig={plane.kubeconfig(NODE)}",
        f"--hostname-override={NODE}",
        f"--node-ip={ADDRESS}",
        f"--root-dir={plane.folder / 'kubelet'}",
    )
    plane.processes.start(
        "kube-proxy",
        plane.binaries / "kube-proxy",
        f"--kubeconfig={plane.kubeconfig('kube-proxy')}",
        f"--hostname-override={NODE}",
        "--proxy-mode=iptables",
        "--conntrack-max-per-core=0",  # the limit belongs to the machine
        f"--cluster-cidr={POD_RANGE}",
        "--healthz-bind-address=127.0.0.1:10256",
        "--metrics-bind-address=127.0.0.1:10249",
    )
    plane.processes.wait_for("the node is ready", lambda: plane.api.has_ready_node(NODE))


def _configuration(plane: ControlPlane) -> dict[str, Any]:
    """Return the KubeletConfiguration (kubelet.config.k8s.io/v1beta1)."""
    never = {
        "memory.available": "0%",
        "nodefs.available": "0%",
        "nodefs.inodesFree": "0%",
        "imagefs.available": "0%",
    }
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": ADDRESS,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(plane.certificate("ca.crt"))},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": cgroup_of(plane.folder.name),
        "containerRuntimeEndpoint": f"unix://{socket_of(plane.folder)}",
        "enforceNodeAllocatable": [],
        "evictionHard": never,  # a full disk of the machine must not evict pods
        "failCgroupV1": False,
        "failSwapOn": False,
        "healthzPort": 0,
        "imageGCHighThresholdPercent": 100,
        "makeIPTablesUtilChains": False,
        "podLogsDir": str(plane.folder / "pods"),
        "resolvConf": str(plane.folder / "resolv.conf"),
        "tlsCertFile": str(plane.certificate(f"{NODE}.crt")),
        "tlsPrivateKeyFile": str(plane.certificate(f"{NODE}.key")),
        "volumePluginDir": str(plane.folder / "volume-plugins"),
    }
