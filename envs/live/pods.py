"""Says why workloads are not healthy, by their pods: an image that cannot be pulled, a container that crashes."""

from __future__ import annotations

from collections.abc import Iterator

from gitops.cluster import health
from gitops.cluster.api import Connection, Resource
from gitops.cluster.health import Health
from gitops.errors import ClusterError

_PODS = Resource("v1", "pods", namespaced=True)
_FORBIDDEN = 403
_SHOWN = 3  # pods of a namespace


def causes(cluster: Connection, namespace: str) -> Iterator[str]:
    """Describe the Degraded pods of a namespace; nothing where the permissions do not allow it. Raises ClusterError."""
    try:
        pods = cluster.objects(_PODS, "Pod", namespace)
    except ClusterError as error:
        if error.status != _FORBIDDEN:
            raise
        return
    found = {str(pod["metadata"]["name"]): health.assess(pod) for pod in pods}
    poor = {name: each for name, each in sorted(found.items()) if each.health is Health.DEGRADED}
    for name, each in list(poor.items())[:_SHOWN]:
        yield f"Pod/{namespace}/{name} is Degraded: {each.message}"
