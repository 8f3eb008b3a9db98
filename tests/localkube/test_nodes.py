"""The node of a local cluster: every workload of the sample finds a place on it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from envs.config.load import load
from envs.gates.rendering import render_around
from kube.pods import pod_of
from localkube.kwok import NODE
from tests.tree import SAMPLE, TREE

KIND: dict[str, Any] = yaml.safe_load((TREE / "localkube/kind.yaml").read_text())
LABELS = {"kwok": NODE["metadata"]["labels"], "kind": KIND["nodes"][0]["labels"]}


@pytest.mark.parametrize("provider", LABELS)
def test_it_has_the_labels_that_the_environments_of_the_sample_ask_for(provider: str) -> None:
    """Or pods of prod would stay pending."""
    configuration = load(SAMPLE)
    asked = {
        label
        for manifests in render_around(configuration, configuration.names).objects.values()
        for manifest in manifests
        for label in pod_of(manifest.object).get("nodeSelector", {}).items()
    }
    assert asked
    assert asked <= set(LABELS[provider].items())
