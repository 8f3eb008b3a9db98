"""Projects: which objects they keep out, whatever their globs say."""

from __future__ import annotations

import pytest

from gitops.objects import Body, DesiredObject, key_of
from gitops.settings import Project
from gitops.source.project import refused_objects
from kube.yaml.origin import Origin

EVERYTHING = Project(repositories=("**",), namespaces=("*",), kinds=("*", "*/*"))


def refusals(body: Body) -> list[str]:
    """Say what a project that allows everything has against an object."""
    found = refused_objects(
        [DesiredObject(key_of(body), body, Origin("a.yaml", 1, 1))], "all", EVERYTHING, "gitops-qa"
    )
    return [fault.message for fault in found]


def config_map(namespace: str) -> Body:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": namespace}}


@pytest.mark.parametrize("namespace", ["kube-system", "kube-public", "gitops-qa"])
def test_nothing_is_written_to_kubernetes_own_namespaces_or_the_job_s(namespace: str) -> None:
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    for body in (config_map(namespace), made):
        (message,) = refusals(body)
        assert f"cannot allow the namespace {namespace}" in message


@pytest.mark.parametrize("namespace", ["shop-qa", "gitops-qa-2", "my-kube-app"])
def test_other_namespaces_are_up_to_the_project(namespace: str) -> None:
    assert refusals(config_map(namespace)) == []
