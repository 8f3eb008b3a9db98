"""What layers say for real platforms is accepted by a real API server, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace

from kube.yaml.write import to_yaml
from tests.api.custom_resources import install
from tests.api.verbatim import verbatim
from tests.components.language import ROWS, Row
from tests.components.rendering import render_root
from tests.roots import make_root

pytestmark = [pytest.mark.api, pytest.mark.xdist_group("rendered")]


@pytest.fixture(scope="module")
def platform(server: Client) -> Client:
    """Give an API server that knows the kinds of other projects and has the namespaces of all rows."""
    install(server)
    return server


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_what_a_platform_needs_to_say_is_accepted(platform: Client, row: Row, tmp_path: Path) -> None:
    objects = render_root(make_root(tmp_path, row.files)).values()
    for name in {item["metadata"]["namespace"] for item in objects if "namespace" in item["metadata"]}:
        platform.apply(Namespace(metadata=ObjectMeta(name=name)), field_manager="tests", force=True)
    for item in objects:
        written = yaml.safe_load(to_yaml(item))
        accepted = platform.apply(verbatim(written), dry_run=True, field_manager="tests", force=True)
        assert accepted["metadata"]["name"] == item["metadata"]["name"]
