"""A write is compared with its dry run: what the server still holds otherwise is not called repaired."""

from __future__ import annotations

from typing import Any

import pytest

from gitops.engine.takeover import unrepaired
from gitops.report.masking import Difference
from gitops.settings import Options

Body = dict[str, Any]
CHANGED = Difference("data.a", '"9"', '"1"')
EDIT = {"manager": "kubectl-edit", "operation": "Update", "fieldsV1": {"f:data": {"f:b": {}}}}


def _live(*managed: Body, **data: str) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"managedFields": list(managed)},
        "data": data,
    }


@pytest.mark.parametrize(
    ("after", "wrong"),
    [
        (_live(a="1"), []),
        (_live(a="9"), ["data.a"]),
        (_live(a="1", by="webhook"), []),  # it was there before, or somebody else has added it since
        (_live(EDIT | {"apiVersion": "v1"}, a="1", b="2"), ["data.b"]),
        (_live(EDIT | {"apiVersion": "v1beta1"}, a="1", b="2"), ["fields written as v1beta1"]),
        (_live(EDIT | {"apiVersion": "v1", "manager": "unknown"}, a="1", b="2"), []),
    ],
)
def test_what_was_to_change_and_has_not_is_named(after: Body, wrong: list[str]) -> None:
    """Also fields that people still hold, in this version or another."""
    assert unrepaired(_live(a="1"), after, [CHANGED], Options(), ()) == wrong
