"""Order, fields, inventory, globs and comparison: decisions on plain values."""

from __future__ import annotations

from typing import Any

import pytest

from gitops.cluster import inventory
from gitops.cluster.inventory import Inventory, Record
from gitops.engine import managed_fields
from gitops.engine.order import waves
from gitops.errors import exit_code
from gitops.globs import matches
from gitops.objects import DesiredObject, Key, key_of
from gitops.report.masking import Difference, differences
from gitops.secrecy import stand_in
from tests.gitops.jobs import annotated, config_map, deployment


@pytest.mark.parametrize(
    ("pattern", "value", "covers"),
    [
        ("*", "Service", True),
        ("*", "apps/Deployment", False),
        ("**", "apps/Deployment", True),
        ("apps/*", "apps/Deployment", True),
        ("app", "apps", False),
        ("pps", "apps", False),
        ("a.c", "abc", False),
        ("https://git/web/*", "https://git/web/a", True),
        ("https://git/web/*", "https://git/web/a/b", False),
        ("**/*.yaml", "a.yaml", True),
        ("**/*.yaml", "x/y/a.yaml", True),
        ("a?", "ab", True),
        ("[a]", "a", False),
    ],
)
def test_globs_are_anchored(pattern: str, value: str, covers: bool) -> None:
    """They match whole values, and nothing in them is a regular expression."""
    assert matches(pattern, value) is covers


def _manifest(kind: str, name: str, wave: int = 0) -> DesiredObject:
    body = annotated({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}, wave=str(wave))
    return DesiredObject(key_of(body), body)


def test_namespaces_and_definitions_come_first_webhooks_last_waves_between() -> None:
    """Waves are apart, phases in a wave one after another, objects of a phase together."""
    given = [
        _manifest("ValidatingWebhookConfiguration", "hook"),
        _manifest("Deployment", "web"),
        _manifest("Job", "late", 1),
        _manifest("ConfigMap", "early", -1),
        _manifest("Service", "web"),
        _manifest("Namespace", "ns", 5),
        _manifest("CustomResourceDefinition", "things"),
    ]
    names = [[[each.key.kind for each in group] for group in wave] for wave in waves(given)]
    assert names == [
        [["CustomResourceDefinition", "Namespace"]],
        [["ConfigMap"]],
        [["Service"], ["Deployment"], ["ValidatingWebhookConfiguration"]],
        [["Job"]],
    ]


def test_fields_are_located_by_name_key_value_and_position() -> None:
    """The four kinds of steps of FieldsV1."""
    body = {"a": [{"name": "x", "v": 1}, {"name": "y", "v": 2}], "s": ["p", "q"]}
    assert managed_fields.locate(body, ("f:a", 'k:{"name":"y"}', "f:v")) == ("a", 1, "v")
    assert managed_fields.locate(body, ("f:s", 'v:"q"')) == ("s", 1)
    assert managed_fields.locate(body, ("f:s", "i:0")) == ("s", 0)
    assert managed_fields.locate(body, ("f:none",)) is None


def test_fields_of_others_are_cut_out_and_ours_stay() -> None:
    """An item that holds a field of ours is not removed with theirs."""
    body = {"a": [{"name": "x", "v": 1}, {"name": "y", "v": 2}], "b": {"c": 1}}
    item = ("f:a", 'k:{"name":"x"}')
    theirs = {item, (*item, "f:name"), (*item, "f:v"), ("f:a", 'k:{"name":"y"}'), ("f:b",)}
    ours = {(*item, "f:name"), item}
    assert managed_fields.without(body, theirs, ours) == {"a": [{"name": "x"}]}


def test_sets_of_paths_are_written_as_they_were_read() -> None:
    """FieldsV1 to paths and back."""
    value: dict[str, Any] = {"f:spec": {"f:a": {"k:{}": {".": {}, "f:x": {}}}, "f:b": {}}}
    assert managed_fields.nested(managed_fields.paths(value)) == value


def test_an_inventory_survives_its_codec_in_several_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its size."""
    monkeypatch.setattr(inventory, "SHARD", 100)
    record = Record("v1", "configmaps", namespaced=True, wave=1, uid="u", desired="d", seen="s", version="7")
    records = {Key("", "ConfigMap", "ns", f"m{number}"): record for number in range(50)}
    value = Inventory("app", records, "c", "t", "s", prune=False)
    shards = inventory.pack(value)
    assert len(shards) > 1
    assert inventory.unpack(shards) == value
    with pytest.raises(ValueError, match="cannot be read"):
        inventory.unpack(shards[:-1])


def test_what_is_announced_keeps_what_is_known() -> None:
    """An interrupted run leaves the union, and forces a full look."""
    old, new = Key("", "ConfigMap", "ns", "old"), Key("", "ConfigMap", "ns", "new")
    plain = Record("v1", "configmaps", namespaced=True)
    known = Record("v1", "configmaps", namespaced=True, uid="u")
    union = inventory.announced(Inventory("app", {old: known}, tree="t"), {old: plain, new: plain})
    assert (dict(union.records), union.tree) == ({old: known, new: plain}, "")
    assert inventory.stale(union, [new]) == {old: known}


def test_what_is_added_as_a_whole_is_one_difference() -> None:
    """A container that somebody has added would else be a dozen; its secrets stay masked."""
    before, after = deployment("web"), deployment("web", replicas=3)
    added = {"name": "spy", "env": [{"name": "DB_PASSWORD", "value": "x"}]}
    after["spec"]["template"]["spec"]["containers"].append(added)
    shown = f'{{"env": [{{"name": "DB_PASSWORD", "value": "{stand_in("x")}"}}], "name": "spy"}}'
    assert differences(before, after) == [
        Difference("spec.template.spec.containers[spy]", "", shown),
        Difference("spec.replicas", "2", "3"),
    ]
    assert differences(config_map("a"), config_map("a")) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"data": {"api_key": "hunter1"}}, {"data": {"api_key": "hunter2"}}),
        ({"data": {"app.password.txt": "hunter1"}}, {"data": {}}),
        ({"data": {}}, {"data": {"token/x": "hunter2"}}),
        ({}, {"data": {"token": "hunter2"}}),
        ({"passwords": ["hunter1"]}, {"passwords": ["hunter2"]}),
        ({"tokens": {"hunter1": 1}}, {"tokens": {"hunter2": 1}}),
        (
            {"env": [{"name": "API_TOKEN", "value": "hunter1"}]},
            {"env": [{"name": "API_TOKEN", "value": "x"}]},
        ),
        ({"env": [{"name": "API_TOKEN", "value": "hunter1"}]}, {"env": []}),
        (
            {"env": [{"name": "PASSWORD", "value": "hunter1"}, {"name": "PASSWORD", "value": "hunter2"}]},
            {"env": [{"name": "PASSWORD", "value": "hunter3"}, {"name": "OTHER", "value": "y"}]},
        ),
        ({"params": [{"name": "password", "default": "hunter1"}]}, {"params": [{"name": "password"}]}),
        ({"args": [{"key": "password", "value": "hunter1"}]}, {}),
        ({"kind": "Secret", "data": {"a": "hunter1"}}, {"kind": "Secret", "data": {"a": "hunter2"}}),
    ],
)
def test_what_looks_secret_is_masked_in_values_and_paths(before: Any, after: Any) -> None:
    """By the name of its field, or by what names it beside it; that it differs is still told."""
    for pair in ((before, after), (after, before)):
        found = differences(*pair)
        assert found
        assert not any("hunter" in f"{each.path} {each.before} {each.after}" for each in found)


def test_paths_hold_no_values() -> None:
    """The log of a run shows paths alone, so an argument of a container must not be in one."""
    found = differences({"args": ["--a"]}, {"args": ["--a", "--key=hunter2"]})
    assert found == [Difference("args[1]", "", '"--key=hunter2"')]


@pytest.mark.parametrize(
    ("codes", "code"),
    [([], 0), ([0, 1], 1), ([4, 5], 5), ([5, 3], 3), ([3, 2], 2), ([2, 70], 70), ([1, 4], 4)],
)
def test_the_gravest_result_decides_the_exit_code(codes: list[int], code: int) -> None:
    """The first of 70, 2, 3, 5, 4, 1."""
    assert exit_code(codes) == code
