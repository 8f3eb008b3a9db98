"""Levels of tests that need a cluster, and what is not to be skipped in CI.

The fixture `api` gives an API server with its controllers, `ready` one whose workloads become ready, and
`node` (in tests/node) one that runs pods. One run has one cluster for the first two; each test has a
namespace of its own in it.
"""

import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from lightkube import Client, KubeConfig

from localkube.clusters import LocalCluster
from tests.clusters import MACHINE, obtain_for_run, temporary_namespace

LEVELS = ("node", "ready", "api")  # the most demanding first
LONG = ("node", "engine", "slow")  # markers of tests that take many seconds


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the most demanding level whose fixture it uses, so that `-m` can choose.

    Long tests come first: at the end of a run no worker has a long one left while the others have none.
    """
    for item in items:
        for level in LEVELS:
            if level in getattr(item, "fixturenames", ()):
                item.add_marker(level)
                break
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in LONG))


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
def cluster(request: pytest.FixtureRequest) -> LocalCluster:
    """Give the cluster of this test run: TEST_KUBECONFIG, else kind, else localkube."""
    return obtain_for_run("ready", request.config)


@pytest.fixture(scope="session")
def api(cluster: LocalCluster) -> Iterator[Client]:
    """Give an administrator's client to tests that need no more than an API server and its controllers."""
    config = KubeConfig.from_file(cluster.kubeconfig).get()
    with Client(config=config, field_manager="tests", trust_env=cluster.provider == "named") as client:
        yield client


@pytest.fixture(scope="session")
def ready(api: Client) -> Client:
    """Give the same client to tests that need available Deployments and complete Jobs."""
    return api


@pytest.fixture
def namespace(api: Client) -> Iterator[str]:
    """Give a namespace of its own to a test."""
    with temporary_namespace(api) as name:
        yield name
