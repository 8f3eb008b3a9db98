"""Every committed rendered object is accepted by a real API server, and what fences an app really does."""

import http.client
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lightkube import ApiError, Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, ResourceQuota, ServiceAccount

from tests.api.custom_resources import install
from tests.api.objects import greedy_pod, privileged_pod
from tests.api.verbatim import read_tree, verbatim
from tests.tree import ROOTS, TREE
from tests.waiting import wait_until

TREES = [path for root in ROOTS for path in sorted(root.glob("rendered/*/"))]
Manifest = dict[str, Any]

pytestmark = [
    pytest.mark.api,
    pytest.mark.xdist_group("rendered"),
    pytest.mark.parametrize("tree", TREES, ids=lambda tree: str(tree.relative_to(TREE))),
]


def test_every_object_is_accepted_and_applying_it_again_changes_nothing(server: Client, tree: Path) -> None:
    manifests = read_tree(tree)
    _prepare(server, manifests)
    for manifest in manifests:
        server.apply(verbatim(manifest), dry_run=manifest["kind"] != "Namespace")

    first = [_written(server.apply(verbatim(manifest))) for manifest in manifests]
    second = [_written(server.apply(verbatim(manifest))) for manifest in manifests]

    assert len(first) == len(manifests)
    assert first == second


def test_pod_security_refuses_a_privileged_pod_in_every_namespace(server: Client, tree: Path) -> None:
    for namespace in _namespaces(server, tree):
        with pytest.raises(ApiError, match='violates PodSecurity "restricted') as refused:
            server.create(privileged_pod(namespace))
        assert refused.value.status.code == http.client.FORBIDDEN


def test_a_quota_refuses_a_pod_that_asks_for_too_much_in_every_namespace(server: Client, tree: Path) -> None:
    for namespace in _namespaces(server, tree):
        wait_until(partial(_is_counted, server, namespace), f"the quota of {namespace} is counted")
        account = ServiceAccount(metadata=ObjectMeta(name="greedy", namespace=namespace))
        server.apply(account, field_manager="tests", force=True)
        with pytest.raises(ApiError, match=r"exceeded quota: quota, requested: .*requests.cpu=1k") as refused:
            server.create(greedy_pod(namespace, "greedy"))
        assert refused.value.status.code == http.client.FORBIDDEN


def _namespaces(server: Client, tree: Path) -> list[str]:
    """Apply the fence of an environment, without workloads, and return its namespaces."""
    fence = read_tree(tree / "fence")
    _prepare(server, fence)
    for manifest in fence:
        server.apply(verbatim(manifest))
    names = [manifest["metadata"]["name"] for manifest in fence if manifest["kind"] == Namespace.__name__]
    assert names
    return names


def _prepare(server: Client, manifests: list[Manifest]) -> None:
    """Make what an environment expects to be there: kinds of other projects, and namespaces that exist."""
    install(server)
    made = {manifest["metadata"]["name"] for manifest in manifests if manifest["kind"] == Namespace.__name__}
    used = {manifest["metadata"].get("namespace") for manifest in manifests} - {None}
    for name in used - made:
        server.apply(Namespace(metadata=ObjectMeta(name=name)), field_manager="tests", force=True)


def _is_counted(server: Client, namespace: str) -> bool:
    status = server.get(ResourceQuota, "quota", namespace=namespace).status
    return status is not None and bool(status.used)


def _written(answer: Any) -> Manifest:
    """Return what an apply may change: content and owned fields, not what controllers add.

    The time of the owned fields is left out: the server renews it where another writer came between two applies.
    """
    content = {key: value for key, value in answer.items() if key not in ("metadata", "status")}
    metadata = answer["metadata"]
    owned = [entry["fieldsV1"] for entry in metadata["managedFields"] if entry["manager"] == "tests"]
    kept = {key: metadata.get(key) for key in ("name", "namespace", "generation", "labels")}
    return {**content, "metadata": kept, "owned": owned}
