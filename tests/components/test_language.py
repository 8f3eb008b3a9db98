"""Each need of a platform that the layers can say becomes the object that it means, and a valid one."""

from __future__ import annotations

from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.components.language import ROWS, Row, at
from tests.components.rendering import render_root
from tests.roots import make_root


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_what_a_platform_needs_to_say_becomes_what_it_means(row: Row, tmp_path: Path) -> None:
    assert at(render_root(make_root(tmp_path, row.files)), row) == row.value


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_what_it_becomes_is_valid_kubernetes(row: Row, tmp_path: Path) -> None:
    newest = kubernetes_validate.latest_version()
    for item in render_root(make_root(tmp_path, row.files)).values():
        if "." not in item["apiVersion"] or item["apiVersion"].partition("/")[0].endswith(".k8s.io"):
            kubernetes_validate.validate(item, newest, strict=True)
