"""Fixtures: a job with namespaces of its own, and a plain HTTP client of the API server."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, ServiceAccount

from gitops.cluster.api import Connection, connect
from tests.gitops.jobs import Job, make_repository
from tests.gitops.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lightkube import Client

    from localkube.clusters import LocalCluster


@pytest.fixture
def connection(cluster: LocalCluster) -> Iterator[Connection]:
    """Give the job's own connection, as an administrator."""
    with connect(cluster.kubeconfig) as found:
        yield found


@pytest.fixture
def person(connection: Connection, namespace: str) -> Person:
    """Give somebody who changes the cluster by hand."""
    return Person(connection.http, namespace)


@pytest.fixture
def job(
    cluster: LocalCluster, api: Client, namespace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Job]:
    """Give a job that applies a repository of its own to a namespace of its own."""
    home = f"gitops-{secrets.token_hex(4)}"
    api.create(Namespace(metadata=ObjectMeta(name=home)))

    def read_output() -> tuple[str, str]:
        captured: Any = capsys.readouterr()
        return captured.out, captured.err

    api.create(ServiceAccount(metadata=ObjectMeta(name="web", namespace=namespace)))  # of the pods in jobs.py
    found = make_repository(tmp_path / "repository")
    yield Job(str(cluster.kubeconfig), tmp_path, found, namespace, home, read_output)
    api.delete(Namespace, home)
