"""Fields of others are taken out in one walk, with the result that the sets of paths define."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gitops.engine import managed_fields
from gitops.engine.field_trees import stripped

_NAMES = st.sampled_from("abc")
_ITEMS = st.fixed_dictionaries({"name": _NAMES}, optional={"v": st.integers(0, 1), "w": st.just([1, 2])})
_LISTS = st.lists(_ITEMS, max_size=3, unique_by=lambda item: item["name"]) | st.lists(
    st.integers(0, 3), max_size=3, unique=True
)
_BODIES = st.dictionaries(
    _NAMES, st.recursive(_LISTS | st.integers(), lambda below: st.dictionaries(_NAMES, below), max_leaves=4)
)
_STEPS = (
    _NAMES.map(lambda name: f"f:{name}")
    | st.sampled_from(["f:name", "f:v", "f:w", "i:0", "i:2", "v:1", "v:2"])
    | _NAMES.map(lambda name: f"k:{json.dumps({'name': name})}")
)
_SETS = st.recursive(
    st.just({}), lambda below: st.dictionaries(_STEPS | st.just("."), below, max_size=4), max_leaves=8
).map(lambda fields: {step: below if step != "." else {} for step, below in fields.items()})


def _leaves_marked(fields: dict[str, Any]) -> dict[str, Any]:
    """Write a set as servers do: "." holds nothing."""
    return {step: {} if step == "." else _leaves_marked(below) for step, below in fields.items()}


def _without(
    body: dict[str, Any], members: set[managed_fields.Path], kept: set[managed_fields.Path]
) -> dict[str, Any]:
    """Define it: what members name goes, unless it is on the way to a kept field."""
    held = {
        place[:length]
        for path in kept
        if (place := managed_fields.locate(body, path))
        for length in range(len(place) + 1)
    }
    places = {place for path in members if (place := managed_fields.locate(body, path)) and place not in held}
    return managed_fields.removed(body, places)


@given(
    _BODIES, st.lists(_SETS.map(_leaves_marked), max_size=2), st.lists(_SETS.map(_leaves_marked), max_size=2)
)
def test_the_walk_takes_out_what_the_paths_name(
    body: dict[str, Any], theirs: Sequence[dict[str, Any]], kept: Sequence[dict[str, Any]]
) -> None:
    before = json.dumps(body)
    members, held = (
        {path for fields in sets for path in managed_fields.paths(fields)} for sets in (theirs, kept)
    )
    expected = _without(body, members, held)
    assert stripped(body, theirs, kept) == expected
    assert managed_fields.without(body, members, held) == expected
    assert json.dumps(body) == before
