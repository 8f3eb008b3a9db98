"""The schema check gives the verdicts of a real API server's strict dry run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops.cluster.api import Connection, connect
from kube.schema.check import check_object
from kube.schema.index import index
from kube.version import KUBERNETES
from localkube.clusters import LocalCluster
from tests.kube.schema.cases import BAD, GOOD, Bad, body, title

pytestmark = pytest.mark.api
Body = dict[str, Any]


@pytest.fixture(scope="module")
def connection(cluster: LocalCluster) -> Iterator[Connection]:
    """Connect to the API server of this run."""
    with connect(Path(cluster.kubeconfig)) as made:
        yield made


def accepted(connection: Connection, item: Body) -> bool:
    """Ask the API server to create an object strictly, without doing so."""
    resource = connection.resource(item["apiVersion"], item["kind"])
    if resource is None:
        return False
    namespace = "default" if resource.namespaced else ""
    parameters = {"dryRun": "All", "fieldValidation": "Strict"}
    answer = connection.http.post(resource.path(namespace), params=parameters, json=item)
    assert answer.is_success or answer.status_code in {400, 422}, answer.text
    return answer.is_success


@pytest.mark.parametrize("kind", GOOD)
def test_what_passes_is_accepted(connection: Connection, kind: str) -> None:
    assert check_object(GOOD[kind], index(KUBERNETES)) == []
    assert accepted(connection, GOOD[kind])


@pytest.mark.parametrize("case", BAD, ids=title)
def test_what_is_found_is_refused(connection: Connection, case: Bad) -> None:
    assert check_object(body(case), index(KUBERNETES))
    assert not accepted(connection, body(case))


def test_the_index_has_the_enumerations_of_the_server(connection: Connection) -> None:
    known = index(KUBERNETES)
    checked = 0
    for path in ("api/v1", "apis/apps/v1", "apis/batch/v1", "apis/networking.k8s.io/v1", "apis/policy/v1"):
        schemas = connection.http.get(f"/openapi/v3/{path}").json()["components"]["schemas"]
        for name, schema in schemas.items():
            fields = known.written.get(name.removeprefix("io.k8s.api."), {})
            for field, value in schema.get("properties", {}).items():
                if enumeration := value.get("enum"):
                    types = known.fields(name.removeprefix("io.k8s.api.")).types
                    if types[field].values and field in fields:
                        assert types[field].values == set(enumeration), f"{name}.{field}"
                        checked += 1
    assert checked > 30


def test_the_index_has_the_kinds_that_the_server_serves_with_their_scope(connection: Connection) -> None:
    groups = index(KUBERNETES).groups()
    for kind, resource in connection.collections():
        if resource.api_version.rpartition("/")[0] in groups:
            of = index(KUBERNETES).kind(resource.api_version, kind)
            assert of is not None, f"{resource.api_version} {kind}"
            assert (of.definition in index(KUBERNETES).cluster_scoped) is not resource.namespaced, kind
