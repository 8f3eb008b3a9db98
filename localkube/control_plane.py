"""Starts etcd, API server, controller-manager and scheduler in the order of their dependencies.

Writes their kubeconfig files and logs to a folder.
"""

import socket
from dataclasses import dataclass
from pathlib import Path

from localkube.api import Api
from localkube.certificates import Authority
from localkube.kubeconfig import write_kubeconfig
from localkube.processes import Processes

SERVICE_RANGE = "10.96.0.0/16"
_SERVICE_NAMES = ("localhost", "kubernetes.default.svc", "127.0.0.1", "10.96.0.1")


@dataclass(frozen=True)
class Listener:
    """The address on which the API server listens, and the address for this process."""

    address: str
    port: int
    reached_at: str

    @property
    def url(self) -> str:
        """Return the address for the other components."""
        return f"https://{self.address}:{self.port}"


@dataclass(frozen=True)
class ControlPlane:
    """A control plane that is coming up."""

    folder: Path
    binaries: Path
    processes: Processes
    authority: Authority
    listener: Listener

    @property
    def api(self) -> Api:
        """Return the API server as the administrator sees it."""
        return Api(self.listener.url, self.authority.folder)

    def certificate(self, name: str) -> Path:
        """Return the path of a certificate or key."""
        return self.authority.folder / name

    def kubeconfig(self, client: str) -> Path:
        """Write and return the kubeconfig of a component."""
        path = self.folder / f"{client}.kubeconfig"
        return write_kubeconfig(
            path, name=self.folder.name, server=self.listener.url, authority=self.authority, client=client
        )

    def publish(self) -> None:
        """Write the administrator's kubeconfig, which signals that the cluster is up."""
        write_kubeconfig(
            self.folder / "kubeconfig",
            name=self.folder.name,
            server=self.listener.reached_at,
            authority=self.authority,
            client="admin",
        )


def hold_port() -> socket.socket:
    """Reserve a free port: the API server shares it, and nobody else gets it while the socket is open."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind(("127.0.0.1", 0))
    return holder


def make_authority(folder: Path, addresses: tuple[str, ...] = ()) -> Authority:
    """Make the certificates that every control plane needs."""
    authority = Authority.create(folder)
    authority.server("apiserver", [*_SERVICE_NAMES, *addresses])
    authority.client("admin", "admin", "system:masters")
    for component in ("kube-controller-manager", "kube-scheduler"):
        authority.client(component, f"system:{component}")
    return authority


def start_api_server(plane: ControlPlane, *flags: str) -> None:
    """Start etcd and the API server, and return before the latter is ready."""
    data = plane.folder / "etcd"
    plane.processes.start("etcd", plane.binaries / "etcd", f"--data-dir={data}")
    plane.processes.wait_for("etcd answers", lambda: _etcd_url(plane) != "")
    plane.processes.start(
        "kube-apiserver",
        plane.binaries / "kube-apiserver",
        f"--etcd-servers={_etcd_url(plane)}",
        f"--bind-address={plane.listener.address}",
        f"--advertise-address={plane.listener.address}",
        f"--secure-port={plane.listener.port}",
        f"--tls-cert-file={plane.certificate('apiserver.crt')}",
        f"--tls-private-key-file={plane.certificate('apiserver.key')}",
        f"--client-ca-file={plane.certificate('ca.crt')}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={plane.certificate('sa.pub')}",
        f"--service-account-signing-key-file={plane.certificate('sa.key')}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--allow-privileged=true",  # as everywhere: Pod Security decides
        *flags,
    )


def start_controllers(plane: ControlPlane, *, scheduler: bool, flags: tuple[str, ...] = ()) -> None:
    """Start the controllers once the API server is ready; earlier they race with its first roles."""
    plane.processes.wait_for("the API server is ready", plane.api.is_ready)
    _start_client(
        plane,
        "kube-controller-manager",
        f"--service-account-private-key-file={plane.certificate('sa.key')}",
        f"--root-ca-file={plane.certificate('ca.crt')}",
        "--use-service-account-credentials=true",
        "--kube-api-qps=500",  # the default of 20 makes the first start take seconds longer
        "--kube-api-burst=500",
        *flags,
    )
    if scheduler:
        _start_client(plane, "kube-scheduler")


def wait_until_usable(plane: ControlPlane) -> None:
    """Wait until pods can be created: their ServiceAccount is the last thing that a new cluster gets."""
    plane.processes.wait_for("the default ServiceAccount exists", plane.api.has_default_account)


def _start_client(plane: ControlPlane, component: str, *flags: str) -> None:
    login = f"--kubeconfig={plane.kubeconfig(component)}"
    binary = plane.binaries / component
    plane.processes.start(component, binary, login, "--leader-elect=false", "--secure-port=0", *flags)


def _etcd_url(plane: ControlPlane) -> str:
    """Return the URL that etcd prints once it answers."""
    lines = plane.processes.log("etcd").read_text().splitlines()
    return next((line for line in lines if line.startswith("http://")), "")
