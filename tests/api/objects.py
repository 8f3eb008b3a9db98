"""The workloads that tests of the cluster itself use. In: a namespace. Out: typed objects."""

from lightkube.models.apps_v1 import DeploymentSpec
from lightkube.models.batch_v1 import JobSpec
from lightkube.models.core_v1 import (
    Capabilities,
    Container,
    PodSpec,
    PodTemplateSpec,
    ResourceRequirements,
    SeccompProfile,
    SecurityContext,
)
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Pod

_PAUSE = "registry.k8s.io/pause:3.10.1"  # a full version, as the image rules of the fence ask for
_BUSYBOX = "docker.io/library/busybox:1.37"


def privileged_pod(namespace: str) -> Pod:
    """Return a pod that the Pod Security level `restricted` refuses."""
    container = Container(name="pause", image=_PAUSE, securityContext=SecurityContext(privileged=True))
    return Pod(
        metadata=ObjectMeta(name="privileged", namespace=namespace), spec=PodSpec(containers=[container])
    )


def greedy_pod(namespace: str, account: str) -> Pod:
    """Return a pod that keeps the rules over pods and asks for more than any quota grants."""
    security = SecurityContext(
        allowPrivilegeEscalation=False,
        capabilities=Capabilities(drop=["ALL"]),
        readOnlyRootFilesystem=True,
        runAsNonRoot=True,
        seccompProfile=SeccompProfile(type="RuntimeDefault"),
    )
    much = {"cpu": "1000", "memory": "1Ti"}
    container = Container(
        name="pause",
        image=_PAUSE,
        securityContext=security,
        resources=ResourceRequirements(requests=much, limits=much),
    )
    spec = PodSpec(containers=[container], serviceAccountName=account)
    return Pod(metadata=ObjectMeta(name="greedy", namespace=namespace), spec=spec)


def web_deployment(namespace: str, replicas: int) -> Deployment:
    """Return a Deployment called `web`."""
    labels = {"app": "web"}
    pod = PodSpec(containers=[Container(name="web", image=_PAUSE)])
    template = PodTemplateSpec(metadata=ObjectMeta(labels=labels), spec=pod)
    spec = DeploymentSpec(replicas=replicas, selector=LabelSelector(matchLabels=labels), template=template)
    return Deployment(metadata=ObjectMeta(name="web", namespace=namespace), spec=spec)


def short_job(namespace: str) -> Job:
    """Return a Job called `short` that ends at once."""
    container = Container(name="job", image=_BUSYBOX, command=["true"])
    pod = PodSpec(restartPolicy="Never", containers=[container])
    spec = JobSpec(template=PodTemplateSpec(spec=pod))
    return Job(metadata=ObjectMeta(name="short", namespace=namespace), spec=spec)
