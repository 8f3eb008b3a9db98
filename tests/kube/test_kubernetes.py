"""Every object of every environment is one that the three newest versions of Kubernetes take, strictly."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from kubernetes_validate.utils import all_versions, major_minor, schema_contents  # type: ignore[import-untyped]
from referencing import Registry, Resource

from envs.config.load import load
from envs.gates.rendering import render_environment
from tests.tree import ROOTS, SAMPLE, TREE

VERSIONS = [*dict.fromkeys(major_minor(version) for version in all_versions())][-3:]
# Kinds of other projects, which have no schema here. Each is held to its own documentation in
# test_secret.py, test_language.py and test_exposure.py; whatever is not listed must have a schema.
CUSTOM = {
    "external-secrets.io/v1": {"ExternalSecret"},
    "bitnami.com/v1alpha1": {"SealedSecret"},
    "keda.sh/v1alpha1": {"ScaledObject"},
    "gateway.networking.k8s.io/v1": {"HTTPRoute"},
}


def _environments() -> Iterator[Any]:
    for root in (*ROOTS, SAMPLE):
        for path in sorted((root / "environments" / "stacks").glob("Pulumi.*.yaml")):
            name = path.stem.removeprefix("Pulumi.")
            yield pytest.param(root, name, id=f"{root.relative_to(TREE)}-{name}")


@cache
def _objects(root: Path, name: str) -> list[dict[str, Any]]:
    return [item.object for item in render_environment(load(root), name)]


def _faults(objects: Sequence[dict[str, Any]], version: str) -> Iterator[str]:
    for item in objects:
        for error in _validator(item["kind"], item["apiVersion"], version).iter_errors(item):
            yield f"{item['kind']} {item['metadata']['name']}: {error.json_path}: {error.message}"


@cache
def _validator(kind: str, api_version: str, version: str) -> Draft202012Validator:
    """Read a strict schema once: kubernetes_validate.validate reads all of them for each object."""
    group, _, name = api_version.rpartition("/")
    folder = f"kubernetes-json-schema/v{version}.0-local-strict"
    file = "-".join(filter(None, (kind.lower(), group.partition(".")[0], name)))
    schema = schema_contents(f"{folder}/{file}.json", version)
    definitions = schema_contents(f"{folder}/_definitions.json", version)
    return Draft202012Validator(schema, registry=Resource.from_contents(definitions) @ Registry())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("root", "name"), [*_environments()])
def test_kubernetes_takes_every_object(root: Path, name: str, version: str) -> None:
    objects = _objects(root, name)
    known = [item for item in objects if item["kind"] not in CUSTOM.get(item["apiVersion"], set())]
    assert known
    assert [*_faults(known, version)] == []


def test_three_versions_are_known() -> None:
    assert len(set(VERSIONS)) == 3


@pytest.mark.parametrize("version", VERSIONS)
def test_a_field_that_does_not_exist_is_found(version: str) -> None:
    (deployment, *_) = [item for item in _objects(SAMPLE, "qa") if item["kind"] == "Deployment"]
    wrong = {**deployment, "spec": {**deployment["spec"], "replica": 2}}
    assert "replica" in "".join(_faults([wrong], version))
