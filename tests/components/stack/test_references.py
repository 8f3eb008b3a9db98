"""Which configuration pods read, wherever a reference stands."""

from typing import Any

import pytest

from components.objects.manifest import Manifest, Part
from components.stack.references import needed, provided


def deployment(pod: Any) -> Manifest:
    """Make a Deployment of a pod."""
    item = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    return Manifest({**item, "spec": {"template": {"spec": pod}}}, Part.WORKLOAD, "app", (), "")


@pytest.mark.parametrize(
    ("pod", "found"),
    [
        ({"volumes": [{"configMap": {"name": "web-config"}}]}, {("ConfigMap", "web-config")}),
        ({"volumes": [{"secret": {"secretName": "tls"}}]}, {("Secret", "tls")}),
        (
            {
                "volumes": [
                    {"projected": {"sources": [{"configMap": {"name": "a"}}, {"secret": {"name": "b"}}]}}
                ]
            },
            {("ConfigMap", "a"), ("Secret", "b")},
        ),
        (
            {"containers": [{"env": [{"valueFrom": {"secretKeyRef": {"name": "db", "key": "x"}}}]}]},
            {("Secret", "db")},
        ),
        ({"initContainers": [{"envFrom": [{"configMapRef": {"name": "env"}}]}]}, {("ConfigMap", "env")}),
        ({"containers": [{"name": "secret", "image": "configMap"}]}, set()),
        ("x", set()),
    ],
)
def test_references_are_found_in_volumes_projections_and_variables(pod: Any, found: set[Any]) -> None:
    assert needed(deployment(pod)) == found


@pytest.mark.parametrize(
    ("kind", "spec", "found"),
    [
        ("ConfigMap", None, ("ConfigMap", "web")),
        ("SealedSecret", {}, ("Secret", "web")),
        ("ExternalSecret", {"target": {"name": "db"}}, ("Secret", "db")),
        ("ExternalSecret", {"target": None}, ("Secret", "web")),
        ("Service", {}, None),
    ],
)
def test_what_brings_configuration_is_known_by_what_pods_call_it(kind: str, spec: Any, found: Any) -> None:
    item = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "web"}, "spec": spec}
    assert provided(Manifest(item, Part.WORKLOAD, "app", (), "")) == found
