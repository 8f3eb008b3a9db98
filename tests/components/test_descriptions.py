"""The documentation of a field names the Kubernetes field that it becomes, where the two have other names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envs.config.explain import explain
from envs.config.load import load
from tests.components.rendering import render_root
from tests.roots import in_shop, make_root

# A path below the app, and lines of the app that give it a value found nowhere else in what is rendered.
FIELDS = {
    "quota.cpu": "quota: {cpu: 9717m}",
    "quota.storage": "quota: {storage: 97Gi}",
    "limits.maxCpu": "limits: {maxCpu: 9718m}",
    "limits.maxMemory": "limits: {maxMemory: 9719Mi}",
    "workloads.server.grace": "workloads: {server: {grace: 971}}",
    "workloads.server.pullPolicy": "workloads: {server: {pullPolicy: Never}}",
    "workloads.server.placement.nodes": "workloads: {server: {placement: {nodes: {disk: ssd}}}}",
    "workloads.server.security.user": "workloads: {server: {security: {user: 972}}}",
    "workloads.server.security.group": "workloads: {server: {security: {group: 973}}}",
    "workloads.server.resources.cpu": "workloads: {server: {resources: {cpu: 97m}}}",
    "workloads.server.resources.cpuLimit": "workloads: {server: {resources: {cpuLimit: 98m}}}",
    "workloads.server.resources.memoryLimit": "workloads: {server: {resources: {memoryLimit: 99Mi}}}",
    "workloads.server.autoscale.min": "workloads: {server: {autoscale: {min: 3, max: 4, cpu: 70%}}}",
    "workloads.server.autoscale.max": "workloads: {server: {autoscale: {min: 3, max: 4, cpu: 70%}}}",
    "workloads.server.rollout.surge": "workloads: {server: {rollout: {surge: 97%}}}",
    "workloads.server.rollout.unavailable": "workloads: {server: {rollout: {unavailable: 98%}}}",
    "workloads.server.probes.ready.period": "workloads: {server: {probes: {ready: {period: 974}}}}",
    "workloads.server.probes.ready.timeout": "workloads: {server: {probes: {ready: {timeout: 975}}}}",
    "workloads.server.probes.ready.failures": "workloads: {server: {probes: {ready: {failures: 976}}}}",
    "workloads.server.probes.ready.delay": "workloads: {server: {probes: {ready: {delay: 977}}}}",
    "workloads.server.ports.http.number": "workloads: {server: {ports: {http: 979}}}",
    "workloads.server.volumes.tmp.path": "workloads: {server: {volumes: {tmp: /work}}}",
    "workloads.server.volumes.tmp.size": "workloads: {server: {volumes: {tmp: {path: /work, size: 97Mi}}}}",
    "workloads.a.retries": 'workloads: {a: {kind: cron, image: "a:1", schedule: "@daily", retries: 97}}',
    "workloads.a.deadline": 'workloads: {a: {kind: cron, image: "a:1", schedule: "@daily", deadline: 97}}',
    "workloads.a.late": 'workloads: {a: {kind: cron, image: "a:1", schedule: "@daily", late: 97}}',
    "workloads.a.keep": 'workloads: {a: {kind: cron, image: "a:1", schedule: "@daily", keep: 97}}',
    "workloads.a.concurrency": (
        'workloads: {a: {kind: cron, image: "a:1", schedule: "@daily", concurrency: Allow}}'
    ),
    "workloads.a.storage.b.storageClass": (
        'workloads: {a: {kind: stateful, image: "a:1", storage: {b: {path: /b, size: 1Gi, storageClass: c}}}}'
    ),
}


def places(value: Any, wanted: object, path: str = "") -> Iterator[str]:
    """Find the paths of keys that lead to a value; positions in lists are left out."""
    if value == wanted:
        yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, wanted, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from places(item, wanted, path)


@pytest.mark.parametrize("path", FIELDS)
def test_a_field_is_documented_with_its_name_in_kubernetes(path: str, tmp_path: Path) -> None:
    """Each name in brackets is the end of a path at which the value is rendered."""
    root = make_root(tmp_path, {"qa.yaml": in_shop(FIELDS[path])})
    explanation = explain(load(root), "qa", f"apps.shop.{path}")
    rendered = [
        place for item in render_root(root).values() for place in places(item, explanation.value) if place
    ]
    named = re.search(r"\(([\w., ]+)\)", explanation.meaning)
    assert named, explanation.meaning
    for name in named[1].split(", "):
        assert any(place.endswith(f".{name}") for place in rendered), (name, rendered)
