"""A node for tests that run pods: one per test run, shared by its workers, its images built on the spot."""

import platform
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lightkube import Client, KubeConfig

from localkube.clusters import LocalCluster
from localkube.node.images import Image, write_archive
from localkube.node.runtime import import_image
from tests.clusters import obtain_for_run, temporary_namespace


@pytest.fixture(scope="session")
def node_cluster(request: pytest.FixtureRequest) -> LocalCluster:
    """Give this run's cluster with a node; its folder is the one of its kubeconfig."""
    return obtain_for_run("node", request.config)


@pytest.fixture(scope="session")
def node(node_cluster: LocalCluster) -> Iterator[Client]:
    """Give an administrator's client of the cluster with a node."""
    config = KubeConfig.from_file(node_cluster.kubeconfig).get()
    with Client(config=config, field_manager="tests", trust_env=False) as client:
        yield client


@pytest.fixture
def namespace(node: Client) -> Iterator[str]:
    """Give a namespace of its own to a test."""
    with temporary_namespace(node) as name:
        yield name


@pytest.fixture
def load_image(node_cluster: LocalCluster, tmp_path: Path) -> Callable[[Image], None]:
    """Give a function that makes an image known to the node; pods name it with `imagePullPolicy: Never`."""

    def load(image: Image) -> None:
        import_image(
            node_cluster.kubeconfig.parent, write_archive(image, tmp_path / "image.tar", platform.machine())
        )

    return load
