"""At level `ready`, workloads become ready and jobs complete."""

from lightkube import Client
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import Job
from lightkube.resources.coordination_v1 import Lease
from lightkube.resources.core_v1 import Node

from tests.api.objects import short_job, web_deployment
from tests.waiting import wait_until


def test_a_deployment_becomes_available(ready: Client, namespace: str) -> None:
    ready.create(web_deployment(namespace, replicas=3))

    wait_until(lambda: _available(ready, namespace) == 3, "three replicas are available")


def test_a_job_completes(ready: Client, namespace: str) -> None:
    ready.create(short_job(namespace))

    wait_until(lambda: _succeeded(ready, namespace) == 1, "the job has completed")


def test_every_node_renews_a_lease_without_which_it_would_be_lost_after_40_seconds(ready: Client) -> None:
    nodes = {node.metadata.name for node in ready.list(Node) if node.metadata}

    wait_until(lambda: nodes <= _renewed(ready), "every node has renewed its lease")


def _renewed(client: Client) -> set[str | None]:
    leases = client.list(Lease, namespace="kube-node-lease")
    return {found.metadata.name for found in leases if found.metadata and found.spec and found.spec.renewTime}


def _available(client: Client, namespace: str) -> int:
    status = client.get(Deployment, "web", namespace=namespace).status
    return (status.availableReplicas or 0) if status else 0


def _succeeded(client: Client, namespace: str) -> int:
    status = client.get(Job, "short", namespace=namespace).status
    return (status.succeeded or 0) if status else 0
