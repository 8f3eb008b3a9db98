"""Every built-in kind that carries pods, as the API server takes it: an image in a place in, a manifest out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Manifest = dict[str, Any]

PINNED = "registry.example.com/team/app:1.2.3"
_LABELS = {"app": "judged"}


class Carrier(NamedTuple):
    """A kind: where its collection stands in the API, and how a pod's spec becomes an object of it."""

    api_version: str
    collection: str
    restart_policy: str
    wrap: Callable[[Manifest], Manifest]


def _template(spec: Manifest) -> Manifest:
    return {"metadata": {"labels": _LABELS}, "spec": spec}


def _selected(spec: Manifest) -> Manifest:
    return {"spec": {"selector": {"matchLabels": _LABELS}, "template": _template(spec)}}


def _stateful(spec: Manifest) -> Manifest:
    made = _selected(spec)
    made["spec"]["serviceName"] = "judged"
    return made


def _replication(spec: Manifest) -> Manifest:
    return {"spec": {"selector": _LABELS, "template": _template(spec)}}


def _cron(spec: Manifest) -> Manifest:
    return {"spec": {"schedule": "0 4 * * *", "jobTemplate": {"spec": {"template": {"spec": spec}}}}}


CARRIERS = {
    "Pod": Carrier("v1", "pods", "Always", lambda spec: {"spec": spec}),
    "PodTemplate": Carrier("v1", "podtemplates", "Always", lambda spec: {"template": _template(spec)}),
    "ReplicationController": Carrier("v1", "replicationcontrollers", "Always", _replication),
    "Deployment": Carrier("apps/v1", "deployments", "Always", _selected),
    "ReplicaSet": Carrier("apps/v1", "replicasets", "Always", _selected),
    "StatefulSet": Carrier("apps/v1", "statefulsets", "Always", _stateful),
    "DaemonSet": Carrier("apps/v1", "daemonsets", "Always", _selected),
    "Job": Carrier("batch/v1", "jobs", "Never", lambda spec: {"spec": {"template": {"spec": spec}}}),
    "CronJob": Carrier("batch/v1", "cronjobs", "Never", _cron),
}


def spec_with(place: str, image: str) -> Manifest:
    """Make the spec of a pod with this image in one place, and a pinned one where a pod must have one."""
    spec: Manifest = {"containers": [{"name": "main", "image": PINNED}]}
    if place == "volumes":
        spec["volumes"] = [{"name": "judged", "image": {"reference": image}}]
    else:
        spec[place] = [{"name": "judged", "image": image}]
    return spec


def carry(kind: str, spec: Manifest, name: str = "judged") -> Manifest:
    """Make an object of the kind."""
    carrier = CARRIERS[kind]
    fields = carrier.wrap({"restartPolicy": carrier.restart_policy, **spec})
    return {"apiVersion": carrier.api_version, "kind": kind, "metadata": {"name": name}, **fields}


def address(kind: str, namespace: str) -> str:
    """Path of the kind's collection in the API."""
    carrier = CARRIERS[kind]
    group = "/api/v1" if carrier.api_version == "v1" else f"/apis/{carrier.api_version}"
    return f"{group}/namespaces/{namespace}/{carrier.collection}"
