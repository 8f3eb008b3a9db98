"""Production names its cluster, or every gate stops; a test environment may go to any."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.config.load import load
from envs.gates.placeholders import placeholders
from envs.gates.production import unnamed_clusters
from tests.command import envs
from tests.roots import PRODUCTION_CLUSTER, make_root

UID = "6f2b4a9e-0c1d-4e5f-8a7b-9c0d1e2f3a4b"


@pytest.mark.parametrize(
    ("layer", "missing"),
    [
        (
            "tier: production\n",
            {("environments/qa.yaml:1:1", "context"), ("environments/qa.yaml:1:1", "uid")},
        ),
        ("tier: production\ncluster: {context: prod}\n", {("environments/qa.yaml:2:1", "uid")}),
        (f"tier: production\ncluster:\n  uid: {UID}\n", {("environments/qa.yaml:2:1", "context")}),
        (f"tier: production\n{PRODUCTION_CLUSTER}", set()),
        ("tier: test\n", set()),
    ],
    ids=["neither", "no uid", "no context", "both", "a test environment"],
)
def test_production_names_its_cluster(tmp_path: Path, layer: str, missing: set[tuple[str, str]]) -> None:
    found = unnamed_clusters(load(make_root(tmp_path, {"qa.yaml": layer})), ["qa"])

    assert {(str(each.origin), each.path.removeprefix("cluster.")) for each in found} == missing


def test_a_check_fails_and_says_how_to_find_the_uid_out(tmp_path: Path) -> None:
    layer = "tier: production\ncluster: {context: prod}\n"

    done = envs("check", root=make_root(tmp_path, {"qa.yaml": layer}))

    assert done.code == 1
    assert "environments/qa.yaml:2:1: mandatory: qa Layer/qa cluster.uid: is missing" in done.out
    assert "kubectl get namespace kube-system" in done.out


def test_the_uid_that_no_cluster_has_is_a_placeholder(tmp_path: Path) -> None:
    layer = "tier: production\ncluster: {context: prod, uid: 00000000-0000-0000-0000-000000000000}\n"

    (found,) = placeholders(load(make_root(tmp_path, {"qa.yaml": layer})), ["qa"])

    assert (found.origin, found.path) == ("environments/qa.yaml:2:31", "cluster.uid")
