"""The comparison of two objects, and the lines that show a field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envs.review.values import shown_lines
from kube.difference import ABSENT, FieldChange, differences
from kube.yaml.origin import Origin, with_origin

HERE = Origin("environments/qa.yaml", 1, 1)


def found(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    """Differences as plain rows."""
    return [(change.path, change.old, change.new) for change in differences(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "rows"),
    [
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1}, {}, [("a", 1, ABSENT)]),
        ({}, {"a": {"b": 1, "c": [2]}}, [("a.b", ABSENT, 1), ("a.c[0]", ABSENT, 2)]),
        ({"a": {}}, {}, [("a", {}, ABSENT)]),
        ({"a": None}, {}, [("a", None, ABSENT)]),
        ({"a": {"b": 1}}, {"a": [1]}, [("a", {"b": 1}, [1])]),
        ({"a.b/c": 1}, {"a.b/c": 2}, [("[a.b/c]", 1, 2)]),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": "1"}, {"a": 1}, [("a", "1", 1)]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, [("a[0]", "x", "y"), ("a[1]", "y", "x")]),
        ({"a": ["x", "y"]}, {"a": ["w", "x", "y"]}, [("a[0]", ABSENT, "w")]),
        ({"a": ["x", "y", "z"]}, {"a": ["x", "z"]}, [("a[1]", "y", ABSENT)]),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 2}]}, [("a[0].b", 1, ABSENT)]),
        ({"a": [True]}, {"a": [1]}, [("a[0]", True, 1)]),
        ({"a": [1, 1]}, {"a": [1, 2]}, [("a[1]", 1, 2)]),
        ({"a": [{"name": "b", "v": 1}]}, {"a": [{"name": "c"}, {"name": "b", "v": 2}]}, None),
        ({"a": "x"}, {"a": with_origin("x", HERE)}, []),
    ],
)
def test_finds_the_deepest_fields_that_differ(old: Any, new: Any, rows: list[Any] | None) -> None:
    """Items of lists are known by their names, values compared as Kubernetes would."""
    if rows is None:
        rows = [("a[b].v", 1, 2), ("a[c].name", ABSENT, "c")]
    assert found(old, new) == rows


def test_what_appears_or_goes_can_be_told_as_a_whole() -> None:
    """Fields that both sides have are still compared one by one."""
    old = {"a": {"b": 1}, "list": [{"name": "x", "v": [1]}]}
    new = {"c": {"d": 2}, "list": [{"name": "x", "v": [2]}, {"name": "y", "v": 3}]}
    assert [(change.path, change.old, change.new) for change in differences(old, new, whole=True)] == [
        ("a", {"b": 1}, ABSENT),
        ("list[x].v[0]", 1, 2),
        ("list[y]", ABSENT, {"name": "y", "v": 3}),
        ("c", ABSENT, {"d": 2}),
    ]


def test_deep_lists_without_names_are_compared_in_no_time() -> None:
    """The work must not double with each level."""
    old: Any = 1
    new: Any = 2
    for _ in range(200):
        old, new = [old], [new]
    assert found(old, new) == [("[0]" * 200, 1, 2)]


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on busy machines
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@UNHURRIED
@given(JSON)
def test_nothing_differs_from_itself(value: Any) -> None:
    """Whatever it is."""
    assert found(value, value) == []


@UNHURRIED
@given(JSON, JSON)
def test_both_directions_find_the_same_paths(old: Any, new: Any) -> None:
    """What appears in one direction goes in the other."""
    forth, back = found(old, new), found(new, old)
    assert sorted(path for path, _, _ in forth) == sorted(path for path, _, _ in back)


def shown(old: Any, new: Any) -> list[str]:
    """Lines of one field."""
    return [f"{mark} {line}" for mark, line in shown_lines(FieldChange("a", old, new))]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (2, 4, ["- 2", "+ 4"]),
        (ABSENT, True, ["+ true"]),
        (None, "", ["- null", '+ ""']),
        ("80", 80, ['- "80"', "+ 80"]),
        (" a", "a ", ['- " a"', '+ "a "']),
        (["a", 1], {}, ['- ["a", 1]', "+ {}"]),
        ("a\nb\nc\n", "a\nB\nc\n", ["- b", "+ B"]),
        (ABSENT, "a\nb\n", ["+ a", "+ b"]),
        ("a\n", "a", ['- "a\\n"', '+ "a"']),
        ("x\x1b[2J\ty", ABSENT, ["- x\\x1b[2J\\ty"]),
        ("s" * 200 + "old", "s" * 200 + "new", [f"- …{'s' * 24}old", f"+ …{'s' * 24}new"]),
        ("s" * 200, ABSENT, [f"- {'s' * 95}…"]),
    ],
)
def test_shows_a_field_so_that_people_see_what_differs(old: Any, new: Any, lines: list[str]) -> None:
    """Short, on one line each, and never the same text twice."""
    assert shown(old, new) == lines


@UNHURRIED
@given(JSON, JSON)
def test_lines_are_printable_and_short(old: Any, new: Any) -> None:
    """Any value can be shown, and no two different ones alike."""
    for mark, line in shown_lines(FieldChange("a", old, new)):
        assert mark in {"-", "+"}
        assert line.isprintable()
