"""At level `ready`, workloads become ready and jobs complete."""

from lightkube import Client
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import Job

from tests.api.objects import PAUSE


def test_a_deployment_becomes_available(ready: Client, namespace: str) -> None:
    labels = {"app": "web"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "web", "image": PAUSE}]},
    }
    spec = {"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
    metadata = {"name": "web", "namespace": namespace}
    ready.create(Deployment.from_dict({"metadata": metadata, "spec": spec}))

    available = ready.wait(Deployment, "web", namespace=namespace, for_conditions=["Available"])

    assert available.status is not None
    assert available.status.availableReplicas is not None


def test_a_job_completes(ready: Client, namespace: str) -> None:
    container = {"name": "job", "image": "docker.io/library/busybox:1.37", "command": ["true"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    metadata = {"name": "job", "namespace": namespace}
    ready.create(Job.from_dict({"metadata": metadata, "spec": {"template": template}}))

    done = ready.wait(
        Job, "job", namespace=namespace, for_conditions=["Complete"], raise_for_conditions=["Failed"]
    )

    assert done.status is not None
    assert done.status.succeeded == 1
