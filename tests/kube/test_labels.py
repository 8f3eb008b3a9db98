"""Keys of labels and annotations have a prefix that Kubernetes accepts and nobody else can own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envs.config.load import load
from envs.gates.rendering import render_environment
from kube.labels import PREFIX
from tests.tree import ROOTS, SAMPLE, TREE

# Source: kubernetes.io/docs, Labels and Selectors, Syntax and character set; RFC 1123 for a subdomain.
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_KEY = re.compile(rf"(?P<prefix>{_LABEL}(\.{_LABEL})+)/[A-Za-z0-9]([A-Za-z0-9._-]{{0,61}}[A-Za-z0-9])?")


def test_the_prefix_is_below_the_domain_for_private_use() -> None:
    """ICANN never delegates .internal."""
    assert re.fullmatch(rf"({_LABEL}\.)+internal", PREFIX)


@pytest.mark.parametrize("root", [*ROOTS, SAMPLE], ids=lambda root: str(root.relative_to(TREE)))
def test_every_key_of_every_object_has_a_domain_as_its_prefix(root: Path) -> None:
    """A key without a prefix would be one that the user of a cluster may have chosen, too."""
    configuration = load(root)
    manifests = [
        item for name in configuration.environments for item in render_environment(configuration, name)
    ]
    keys = {key for item in manifests for key in _keys(item.object)}
    assert f"{PREFIX}/environment" in keys
    assert sorted(key for key in keys if not _KEY.fullmatch(key)) == []


def _keys(value: Any) -> Iterator[str]:
    """Find the keys of labels and annotations at any depth; those that a selector asks for may be others'."""
    if isinstance(value, dict):
        for name, below in value.items():
            if name in {"labels", "annotations"} and isinstance(below, dict):
                yield from below
            yield from _keys(below)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)
