"""The objects that an app brings along: in its namespace, with its labels, and never the fence."""

from pathlib import Path

import pytest

from envs.config.reading.faults import ConfigurationError
from tests.components.rendering import render_shop


def test_a_verbatim_object_gets_the_namespace_and_the_labels_of_its_app(tmp_path: Path) -> None:
    objects = render_shop(
        tmp_path,
        "manifests:",
        "  extra:",
        "    kind: ConfigMap",
        "    apiVersion: v1",
        "    metadata: {name: extra, labels: {own: 'yes'}}",
        "    data: {a: '1'}",
    )
    assert list(objects["ConfigMap/shop-qa/extra"].items()) == [
        ("apiVersion", "v1"),
        ("kind", "ConfigMap"),
        (
            "metadata",
            {
                "name": "extra",
                "labels": {
                    "app.kubernetes.io/part-of": "shop",
                    "environments.internal/environment": "qa",
                    "own": "yes",
                },
                "namespace": "shop-qa",
            },
        ),
        ("data", {"a": "1"}),
    ]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("{kind: ConfigMap, metadata: {name: a}}", "needs apiVersion, kind and metadata.name"),
        ("{apiVersion: v1, kind: ConfigMap}", "needs apiVersion, kind and metadata.name"),
        ("{apiVersion: v1, kind: ConfigMap, metadata: {name: 7}}", "all of them texts"),
        ("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: [b]}}", "is not a mapping"),
        ("{apiVersion: v1, kind: Secret, metadata: {name: a}}", "use the `secrets` of a workload"),
        ("{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}", "belongs to the fence"),
        ("{apiVersion: v1, kind: PersistentVolume, metadata: {name: a}}", "is cluster-scoped"),
        ("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}}", "are in shop-qa"),
        ("{apiVersion: v1, kind: ConfigMapList, metadata: {name: a}, items: []}", "is a list of objects"),
        ("{apiVersion: apps/v1, kind: Deployment, metadata: {name: server}}", "is already made by"),
    ],
)
def test_what_is_no_object_of_the_app_is_refused(tmp_path: Path, item: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        render_shop(tmp_path, f"manifests: {{one: {item}}}")
    assert str(caught.value).startswith("environments/qa.yaml:4:")
