"""Every object of every environment is one that the three newest versions of Kubernetes take, strictly."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it ships no marker of its types
import pytest
from kubernetes_validate.utils import all_versions, major_minor  # type: ignore[import-untyped]  # as above

from components.render import render_environment
from environments.load import load

PROJECT = Path(__file__).parents[2]
SHOP = PROJECT / "examples" / "shop"
VERSIONS = [*dict.fromkeys(major_minor(version) for version in all_versions())][-3:]
# Kinds of other projects, which have no schema here. Each is held to its own documentation in
# test_secret.py and test_exposure.py; whatever is not listed must have a schema.
CUSTOM = {
    "external-secrets.io/v1": {"ExternalSecret"},
    "bitnami.com/v1alpha1": {"SealedSecret"},
    "gateway.networking.k8s.io/v1": {"HTTPRoute"},
}


def _environments() -> Iterator[Any]:
    for root in (PROJECT, SHOP):
        for path in sorted((root / "environments" / "stacks").glob("Pulumi.*.yaml")):
            name = path.stem.removeprefix("Pulumi.")
            yield pytest.param(root, name, id=f"{root.name if root is SHOP else 'sample'}-{name}")


@cache
def _objects(root: Path, name: str) -> list[dict[str, Any]]:
    return [item.object for item in render_environment(load(root), name)]


def _faults(objects: Sequence[dict[str, Any]], version: str) -> Iterator[str]:
    for item in objects:
        try:
            kubernetes_validate.validate(item, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{item['kind']} {item['metadata']['name']}: {error.message}"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("root", "name"), [*_environments()])
def test_kubernetes_takes_every_object(root: Path, name: str, version: str) -> None:
    objects = _objects(root, name)
    known = [item for item in objects if item["kind"] not in CUSTOM.get(item["apiVersion"], set())]
    assert known
    assert [*_faults(known, version)] == []


def test_three_versions_are_known() -> None:
    assert len(set(VERSIONS)) == 3
