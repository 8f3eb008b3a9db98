"""The roots of the bench hold what its rows say, and the tree for Kustomize holds the same objects."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.kustomize import write_tree
from bench.objects import objects
from bench.roots import write_large
from tests.tree import TREE

SHOP = TREE / "examples" / "shop"


def test_a_workload_of_the_large_root_is_four_objects(tmp_path: Path) -> None:
    write_large(tmp_path, 20)
    kinds = Counter(item["kind"] for item in objects(tmp_path))
    assert {kind for kind, number in kinds.items() if number == 20} == {
        "Deployment",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    }
    assert kinds.total() == 4 * 20 + 5


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    write_tree(SHOP, folder)
    return folder


def kustomized(folder: Path) -> Counter[str]:
    """Kinds of what a kustomization refers to, without running it."""
    settings = yaml.safe_load((folder / "kustomization.yaml").read_text())
    kinds: Counter[str] = Counter()
    for resource in settings["resources"]:
        path = folder / resource
        kinds += kustomized(path) if path.is_dir() else Counter(_kinds(path))
    return kinds


def _kinds(path: Path) -> list[str]:
    documents: list[dict[str, Any]] = list(yaml.safe_load_all(path.read_text()))
    return [item["kind"] for item in documents]


def test_the_tree_for_kustomize_holds_as_many_objects_of_each_kind(tree: Path) -> None:
    overlays = [kustomized(tree / "overlays" / name) for name in ("qa", "e2e", "prod")]
    assert sum(overlays, Counter()) == Counter(item["kind"] for item in objects(SHOP))


def test_the_base_for_kustomize_names_no_environment(tree: Path) -> None:
    text = "".join(path.read_text() for path in (tree / "base").iterdir())
    assert "namespace:" not in text
    assert "environments.internal/environment" not in text
