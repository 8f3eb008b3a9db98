"""Each need of a platform that the layers can say becomes the object that it means, and a valid one."""

from __future__ import annotations

from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.components.language import ROWS, Row, at
from tests.components.rendering import render_root
from tests.roots import make_root


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_what_a_platform_needs_to_say_becomes_valid_objects_that_mean_it(row: Row, tmp_path: Path) -> None:
    objects = render_root(make_root(tmp_path, row.files))
    assert at(objects, row) == row.value
    item = objects.get(row.object)
    if item is not None and item["kind"] not in {"ExternalSecret", "ScaledObject"}:
        kubernetes_validate.validate(item, kubernetes_validate.latest_version(), strict=True)
