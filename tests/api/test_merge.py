"""A strategic merge gives what the API server makes of the same patch."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube import Client

from gitops.cluster.api import Connection, connect
from kube.schema.index import index
from kube.schema.merge import strategic_merge
from kube.version import KUBERNETES
from localkube.clusters import LocalCluster

pytestmark = pytest.mark.api

TARGET: dict[str, Any] = yaml.safe_load("""\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, tier: front}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      tolerations: [{key: spot, operator: Exists}]
      volumes: [{name: tmp, emptyDir: {}}, {name: data, emptyDir: {sizeLimit: 1Gi}}]
      hostAliases: [{ip: 10.0.0.1, hostnames: [a]}]
      imagePullSecrets: [{name: one}]
      containers:
      - name: web
        image: registry.example.com/web:1.0.0
        args: [a, b]
        env: [{name: A, value: a}, {name: B, value: b}]
        ports: [{name: http, containerPort: 80, protocol: TCP}]
        volumeMounts: [{name: tmp, mountPath: /tmp}, {name: data, mountPath: /data}]
      - {name: log, image: "registry.example.com/log:1.0.0"}
""")
POD = "{spec: {template: {spec: %s}}}"
PATCHES = (
    "{metadata: {labels: {tier: null, more: yes}}}".replace("yes", "'yes'"),
    POD % "{containers: [{name: web, env: [{name: B, value: c}, {name: C, value: d}]}]}",
    POD % "{containers: [{name: web, env: [{name: A, $patch: delete}]}]}",
    POD % "{containers: [{name: web, args: [c]}]}",
    POD % "{containers: [{name: log, $patch: delete}]}",
    POD % "{containers: [{name: web, ports: [{containerPort: 80, hostPort: 8080}]}]}",
    POD % "{containers: [{name: web, volumeMounts: [{mountPath: /data, readOnly: true, name: data}]}]}",
    POD % "{tolerations: [{key: other, operator: Exists}]}",
    POD % "{tolerations: null}",
    POD % "{volumes: [{name: data, emptyDir: {sizeLimit: 2Gi}}]}",
    POD % "{volumes: [{name: data, emptyDir: null, nfs: {server: a, path: /b}}]}",
    POD % "{hostAliases: [{ip: 10.0.0.1, hostnames: [b]}, {ip: 10.0.0.2, hostnames: [c]}]}",
    POD % "{imagePullSecrets: [{name: two}]}",
    POD % "{imagePullSecrets: [{$patch: replace}, {name: two}]}",
    "{metadata: {labels: {$patch: replace, only: one}}}",
    POD % "{hostAliases: [{$patch: replace}]}",
    "{spec: {strategy: {$patch: replace, type: Recreate}}}",
)


@pytest.fixture(scope="module")
def connection(cluster: LocalCluster) -> Iterator[Connection]:
    """Connect to the API server of this run."""
    with connect(Path(cluster.kubeconfig)) as made:
        yield made


@pytest.mark.parametrize("patch", PATCHES)
def test_a_merge_is_that_of_the_api_server(
    connection: Connection, api: Client, namespace: str, patch: str
) -> None:
    del api
    deployments = connection.resource("apps/v1", "Deployment")
    assert deployments is not None
    live = connection.create(
        deployments, copy.deepcopy(TARGET) | {"metadata": TARGET["metadata"] | {"namespace": namespace}}
    )
    change = yaml.safe_load(patch)

    answer = connection.http.patch(
        deployments.path(namespace, "web"),
        params={"dryRun": "All"},
        content=json.dumps(change),
        headers={"Content-Type": "application/strategic-merge-patch+json"},
    )

    assert answer.is_success, answer.text
    api_index = index(KUBERNETES)
    kind = api_index.kind("apps/v1", "Deployment")
    assert kind is not None
    merged = strategic_merge(live, change, kind, api_index)
    assert told(merged) == told(answer.json())


def told(item: dict[str, Any]) -> Any:
    """Return what a person may say of an object, with lists in a fixed order and without empty ones."""
    return _sorted({"labels": item["metadata"]["labels"], "spec": item["spec"]})


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(each) for key, each in value.items() if each != []}
    if isinstance(value, list):
        return sorted(map(_sorted, value), key=json.dumps)
    return value
