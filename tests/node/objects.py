"""Pods and Services that tests of the node use; their image is built when the node starts."""

from collections.abc import Sequence

from lightkube.models.core_v1 import (
    Capabilities,
    Container,
    PodSpec,
    ResourceRequirements,
    SeccompProfile,
    SecurityContext,
    ServicePort,
    ServiceSpec,
)
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Pod, Service

BUSYBOX = "localhost/busybox:1"
PORT = 8080
_RESTRICTED = SecurityContext(
    allowPrivilegeEscalation=False,
    capabilities=Capabilities(drop=["ALL"]),
    readOnlyRootFilesystem=True,
    runAsNonRoot=True,
    runAsUser=65532,
    seccompProfile=SeccompProfile(type="RuntimeDefault"),
)


def pod(
    namespace: str, name: str, command: Sequence[str], *, memory: str = "64Mi", image: str = BUSYBOX
) -> Pod:
    """Return a pod that passes `restricted` and runs the command once."""
    container = Container(
        name="main",
        image=image,
        imagePullPolicy="Never",
        command=list(command),
        securityContext=_RESTRICTED,
        resources=ResourceRequirements(limits={"memory": memory}),
    )
    spec = PodSpec(containers=[container], restartPolicy="Never")
    return Pod(metadata=ObjectMeta(name=name, namespace=namespace, labels={"app": name}), spec=spec)


def service(namespace: str, name: str) -> Service:
    """Return a Service in front of the pod of that name."""
    spec = ServiceSpec(selector={"app": name}, ports=[ServicePort(port=PORT)])
    return Service(metadata=ObjectMeta(name=name, namespace=namespace), spec=spec)
