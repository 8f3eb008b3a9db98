"""Drift by reading alone: what the server has filled in is none, what Git does not have is."""

from __future__ import annotations

from typing import Any

import pytest

from gitops.engine.observe import drift

PORT = {"port": 80, "targetPort": 8080}


@pytest.mark.parametrize(
    ("wanted", "live", "paths"),
    [
        # A webhook adds a mount to a container; the mounts of a container are merged by their path.
        ([{"mountPath": "/a"}], [{"mountPath": "/injected"}, {"mountPath": "/a", "readOnly": True}], []),
        # The server fills in fields of the ports of a Service, whose key is the port.
        ([PORT], [PORT | {"protocol": "TCP", "nodePort": 30000}], []),
        ([PORT, {"port": 81}], [{"port": 81}, PORT], []),
        # Tolerations are one value to the server: one more is somebody's change.
        ([{"key": "a"}], [{"key": "a"}, {"key": "b"}], ["list[b]"]),
        ([{"type": "Resource"}], [{"type": "Pods"}], ["list[Pods]", "list[Resource]"]),
        (["--a"], ["--a", "--b"], ["list[1]"]),
        (["--a", "--b"], ["--b", "--a"], ["list[0]", "list[1]"]),
    ],
)
def test_items_of_lists_are_paired_as_kubernetes_merges_them(
    wanted: list[Any], live: list[Any], paths: list[str]
) -> None:
    """Lists that are merged may hold more than Git says; all others may not."""
    found = drift({"metadata": {}, "list": wanted}, {"metadata": {}, "list": live})
    assert sorted(each.path for each in found) == paths
