"""The node of a local cluster: every workload of the sample finds a place on it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from localkube.kwok import NODE
from tests.tree import TREE

KIND: dict[str, Any] = yaml.safe_load((TREE / "localkube/kind.yaml").read_text())
LABELS = {"kwok": NODE["metadata"]["labels"], "kind": KIND["nodes"][0]["labels"]}


@pytest.mark.parametrize("provider", LABELS)
def test_it_has_the_labels_that_the_environments_of_the_sample_ask_for(provider: str) -> None:
    """Or pods of prod would stay pending."""
    asked = {
        label
        for path in (TREE / "rendered").glob("*/apps/*/deployment-*.yaml")
        for label in _selector(yaml.safe_load(path.read_text())).items()
    }
    assert asked
    assert asked <= set(LABELS[provider].items())


def _selector(deployment: dict[str, Any]) -> dict[str, str]:
    selector: dict[str, str] = deployment["spec"]["template"]["spec"].get("nodeSelector", {})
    return selector
