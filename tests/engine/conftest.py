"""The real engine for tests; they are skipped, with the reason, where it is not installed."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from localkube.clusters import LocalCluster
from tests.clusters import MACHINE
from tests.engine.command import Project, project_of_a_team


@pytest.fixture(scope="session", autouse=True)
def pulumi_command() -> None:
    """Skip where there is no pulumi."""
    if shutil.which("pulumi") is None:
        pytest.skip(f"{MACHINE} run pulumi: it is not on PATH, and `make pulumi` installs it")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give a team's own project folder with the environments of tests/sample, without a cluster."""
    return project_of_a_team(tmp_path)


@pytest.fixture(scope="session")
def kubeconfig(cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a kubeconfig of the tests' cluster with the contexts that the environments name."""
    document = json.loads(cluster.kubeconfig.read_text())
    context = document["contexts"][0]["context"]
    document["contexts"] = [{"name": name, "context": context} for name in ("test", "prod")]
    document["current-context"] = ""
    path = tmp_path_factory.mktemp("kubeconfig") / "config"
    path.touch(mode=0o600)
    path.write_text(json.dumps(document))
    yield path
    path.unlink()
