"""The images of an object, wherever its kind keeps its pods."""

from __future__ import annotations

from typing import Any

import pytest

from kube.pods import images

POD = {
    "initContainers": [{"name": "before", "image": "a:1"}],
    "containers": [{"name": "main", "image": "b:1"}],
}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"kind": "Pod", "spec": POD}, {"before": "a:1", "main": "b:1"}),
        ({"kind": "Deployment", "spec": {"template": {"spec": POD}}}, {"before": "a:1", "main": "b:1"}),
        ({"kind": "PodTemplate", "template": {"spec": POD}}, {"before": "a:1", "main": "b:1"}),
        (
            {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": POD}}}}},
            {"before": "a:1", "main": "b:1"},
        ),
        ({"kind": "Rollout", "spec": {"template": {"spec": POD}}}, {"before": "a:1", "main": "b:1"}),
        ({"kind": "Service", "spec": {"ports": []}}, {}),
        ({"kind": "ConfigMap"}, {}),
        (
            {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"image": "b:1"}, {}]}}}},
            {"0": "b:1"},
        ),
        ({"kind": "Thing", "spec": "text"}, {}),
        (
            {
                "kind": "Thing",
                "spec": {"template": {"spec": {"containers": ["text"], "initContainers": "x"}}},
            },
            {},
        ),
    ],
)
def test_images_are_found_by_container(body: dict[str, Any], found: dict[str, str]) -> None:
    """Init containers first; what is not a pod, in whatever form, has none."""
    assert images(body) == found
    assert list(images(body)) == list(found)
