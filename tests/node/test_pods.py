"""Pods really run on the node: logs, Services, limits, images of our own, and the `restricted` profile."""

import subprocess
import sys
from collections.abc import Callable

from lightkube import Client
from lightkube.resources.core_v1 import Namespace, Pod, Service
from lightkube.types import PatchType

from localkube.clusters import LocalCluster
from localkube.node.backend import inside
from localkube.node.images import Image, busybox_layer, layer
from localkube.node.shield import ADDRESS
from tests.node.objects import PORT, pod, service
from tests.waiting import wait_until


def test_a_pod_under_the_restricted_profile_runs_and_its_log_can_be_read(
    node: Client, namespace: str
) -> None:
    profile = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    node.patch(Namespace, namespace, profile, patch_type=PatchType.MERGE)

    node.create(pod(namespace, "who", ["id", "-u"]))

    _wait_for_phase(node, namespace, "who", "Succeeded")
    assert _log(node, namespace, "who") == "65532\n"


def test_a_service_leads_to_its_pod(node: Client, namespace: str) -> None:
    node.create(pod(namespace, "web", ["httpd", "-f", "-p", str(PORT), "-h", "/bin"]))
    address = _cluster_ip(node.create(service(namespace, "web")))
    _wait_for_phase(node, namespace, "web", "Running")

    fetch = f"until timeout 3 wget -qO /dev/null http://{address}:{PORT}/busybox; do sleep 0.1; done; echo fetched"
    node.create(pod(namespace, "client", ["sh", "-c", fetch]))

    _wait_for_phase(node, namespace, "client", "Succeeded")
    assert _log(node, namespace, "client") == "fetched\n"


def test_a_memory_limit_is_enforced(node: Client, namespace: str) -> None:
    greedy = "x=0123456789abcdef; while true; do x=$x$x; done"

    node.create(pod(namespace, "greedy", ["sh", "-c", greedy], memory="8Mi"))

    _wait_for_phase(node, namespace, "greedy", "Failed")
    assert _reason(node, namespace, "greedy") == "OOMKilled"


def test_an_image_is_built_here_and_used_without_a_registry(
    node: Client, namespace: str, load_image: Callable[[Image], None]
) -> None:
    name = f"localhost/{namespace}:1"
    load_image(Image(name, (busybox_layer(), layer({"etc/greeting": b"hello\n"}))))

    node.create(pod(namespace, "greeter", ["/bin/cat", "/etc/greeting"], image=name))

    _wait_for_phase(node, namespace, "greeter", "Succeeded")
    assert _log(node, namespace, "greeter") == "hello\n"


def test_a_server_started_beside_the_node_is_reached_from_a_pod(
    node: Client, node_cluster: LocalCluster, namespace: str
) -> None:
    server = [sys.executable, "-m", "http.server", "--bind", ADDRESS, "--directory", "/usr/share/doc", "9000"]
    with subprocess.Popen(
        [*inside(node_cluster.kubeconfig.parent), *server], stderr=subprocess.DEVNULL
    ) as process:
        fetch = f"until timeout 3 wget -qO /dev/null http://{ADDRESS}:9000/; do sleep 0.1; done"
        node.create(pod(namespace, "client", ["sh", "-c", fetch]))
        _wait_for_phase(node, namespace, "client", "Succeeded")
        process.kill()


def _wait_for_phase(client: Client, namespace: str, name: str, phase: str) -> None:
    def reached() -> bool:
        status = client.get(Pod, name, namespace=namespace).status
        return status is not None and status.phase == phase

    wait_until(reached, f"pod {name} is {phase}", seconds=60)


def _log(client: Client, namespace: str, name: str) -> str:
    return "".join(client.log(name, namespace=namespace))


def _cluster_ip(created: Service) -> str | None:
    return created.spec.clusterIP if created.spec else None


def _reason(client: Client, namespace: str, name: str) -> str | None:
    status = client.get(Pod, name, namespace=namespace).status
    assert status is not None
    (container,) = status.containerStatuses or []
    ended = container.state.terminated if container.state else None
    return ended.reason if ended else None
