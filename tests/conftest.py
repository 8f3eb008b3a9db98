"""Clusters for tests by what they need: `api` an API server, `ready` workloads that become ready.

One run shares one cluster among all its workers and each test gets a namespace of its own; the cluster
ends when the run does, however it ends.
"""

import os
import secrets
import sys
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace

from localkube.clusters import Cluster, obtain
from localkube.errors import ClusterError

LEVELS = ("node", "ready", "api")  # the most demanding first
MACHINE = "this machine cannot"  # begins the reason of every skip that is right in CI, too


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the most demanding level whose fixture it uses, so that `-m` can choose."""
    for item in items:
        for level in LEVELS:
            if level in getattr(item, "fixturenames", ()):
                item.add_marker(level)
                break


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Turn a skip into a failure where CI=true, unless the machine cannot run the test at all."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        if not reason.startswith(MACHINE):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} may not be skipped in CI: {reason}"
    return report


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """Give the cluster of this test run: TEST_KUBECONFIG, else kind, else localkube."""
    in_worker = "PYTEST_XDIST_WORKER" in os.environ
    owner = os.getppid() if in_worker else os.getpid()  # the run itself, which outlives its workers
    capture = request.config.pluginmanager.get_plugin("capturemanager")

    def report(line: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"\n{line}")

    named = os.environ.get("TEST_KUBECONFIG")
    try:
        return obtain(f"pytest-{owner}", "ready", named=named, owner=owner, report=report)
    except ClusterError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def api(cluster: Cluster) -> Client:
    """Give an administrator's client for tests that ask for no more than an API server and its controllers."""
    config = KubeConfig.from_file(cluster.kubeconfig).get()
    return Client(config=config, field_manager="tests", trust_env=cluster.provider == "named")


@pytest.fixture(scope="session")
def ready(api: Client) -> Client:
    """Give the same client to tests whose Deployments shall become Available and whose Jobs complete."""
    return api


@pytest.fixture
def namespace(api: Client) -> Iterator[str]:
    """Give a namespace of its own to a test; its end is asked for and not waited for."""
    name = f"test-{secrets.token_hex(4)}"
    api.create(Namespace(metadata=ObjectMeta(name=name)))
    yield name
    api.delete(Namespace, name)
