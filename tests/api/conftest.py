"""An API server for rendered objects, whose namespaces have fixed names and so share no cluster with others."""

from collections.abc import Iterator

import pytest
from lightkube import Client, KubeConfig

from tests.clusters import separate_cluster


@pytest.fixture(scope="session")
def server() -> Iterator[Client]:
    """Give an administrator's client of an API server of its own; its tests share a worker (`xdist_group`)."""
    with separate_cluster("api") as cluster:
        config = KubeConfig.from_file(cluster.kubeconfig).get()
        with Client(config=config, field_manager="tests", trust_env=False) as client:
            yield client
