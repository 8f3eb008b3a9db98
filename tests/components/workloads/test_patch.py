"""Merge patches on what a workload renders."""

from pathlib import Path

import pytest

from components.workloads.patch import merge_patch
from envs.config.reading.faults import ConfigurationError
from tests.components.rendering import render_server, server


def test_a_patch_changes_one_object_and_keeps_the_rest(tmp_path: Path) -> None:
    before = server(render_server(tmp_path / "before"))
    after = server(
        render_server(
            tmp_path / "after",
            "patch: {Deployment: {spec: {minReadySeconds: 5, revisionHistoryLimit: null}}}",
        )
    )
    assert after["spec"]["minReadySeconds"] == 5
    assert "revisionHistoryLimit" not in after["spec"]
    assert after["spec"]["template"] == before["spec"]["template"]


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ("{Deploiment: {spec: {}}}", "did you mean `Deployment`"),
        ("{ConfigMap: {}}", "matches no object of this workload"),
        ("{Deployment: {kind: DaemonSet}}", "must not change"),
        ("{Deployment: {metadata: {name: other}}}", "must not change"),
        ("{Deployment: {metadata: {namespace: null}}}", "must not change"),
        ("{Deployment: {metadata: null}}", "must not change"),
    ],
)
def test_a_patch_that_makes_another_object_is_refused(tmp_path: Path, patch: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        render_server(tmp_path, f"patch: {patch}")


# The examples of RFC 7386, appendix A.
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_is_that_of_the_rfc(target: object, patch: object, result: object) -> None:
    assert merge_patch(target, patch) == result
