"""What layers say for real platforms is accepted by a real API server, row by row."""

from __future__ import annotations

import http.client
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube import ApiError, Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, ResourceQuota

from kube.yaml.write import to_yaml
from tests.api.custom_resources import install
from tests.api.verbatim import verbatim
from tests.components.language import ROWS, Row
from tests.components.rendering import render_root
from tests.roots import make_root
from tests.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.xdist_group("rendered")]


@pytest.fixture(scope="module")
def platform(server: Client) -> Client:
    """Give an API server that knows the kinds of other projects."""
    install(server)
    return server


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_what_a_platform_needs_to_say_is_accepted(platform: Client, row: Row, tmp_path: Path) -> None:
    objects = [yaml.safe_load(to_yaml(item)) for item in render_root(make_root(tmp_path, row.files)).values()]
    for name in {item["metadata"]["namespace"] for item in objects if "namespace" in item["metadata"]}:
        _empty(platform, name)
    if any(item["kind"] == "Service" and item["spec"].get("type") for item in objects):
        _limit(platform, [item for item in objects if item["kind"] == ResourceQuota.__name__])
    for item in objects:
        accepted = platform.apply(verbatim(item), dry_run=True, field_manager="tests", force=True)
        assert accepted["metadata"]["name"] == item["metadata"]["name"]


def _empty(client: Client, namespace: str) -> None:
    """Give a namespace without the quota that another test may have left there."""
    client.apply(Namespace(metadata=ObjectMeta(name=namespace)), field_manager="tests", force=True)
    try:
        client.delete(ResourceQuota, "quota", namespace=namespace)
    except ApiError as error:
        if error.status.code != http.client.NOT_FOUND:
            raise


def _limit(client: Client, quotas: list[dict[str, Any]]) -> None:
    """Apply quotas for good and wait until they count, so that they judge the Services that follow."""
    for quota in quotas:
        client.apply(verbatim(quota), field_manager="tests", force=True)
        wait_until(partial(_counts, client, quota), "the quota counts")


def _counts(client: Client, quota: dict[str, Any]) -> bool:
    metadata = quota["metadata"]
    status = client.get(ResourceQuota, metadata["name"], namespace=metadata["namespace"]).status
    return status is not None and bool(status.used) and status.hard == quota["spec"]["hard"]
