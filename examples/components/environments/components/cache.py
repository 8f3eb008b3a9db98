"""A cache that may forget: memcached, sized by one number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.objects.manifest import Scope
from components.workloads.workload import workload
from envs.config.model.fields import ImageReference, Positive
from envs.config.model.typed import Model
from envs.config.model.workload import Deployment

_PORT = "11211"
_OVERHEAD = 16  # megabytes that memcached needs besides what it caches


class Spec(Model):
    """What a layer says of a cache."""

    image: ImageReference
    """Image of memcached."""
    megabytes: Positive = 64
    """Memory for what is cached, in mebibytes."""
    replicas: Positive = 2
    """Number of pods; each caches what its clients send to it."""


def manifests(scope: Scope, name: str, spec: Spec) -> Iterator[dict[str, Any]]:
    """Make a Deployment with its Service and disruption budget, as for any workload."""
    model = Deployment.model_validate(
        {
            "image": spec.image,
            "replicas": str(spec.replicas),
            "args": [f"--memory-limit={spec.megabytes}"],
            "ports": {"memcached": _PORT},
            "resources": {"cpu": "50m", "memory": f"{spec.megabytes + _OVERHEAD}Mi"},
        }
    )
    for _, item in workload(scope, name, model, {}):
        yield item
