"""What holds for any layers: places, merging, nulls, and that nothing but a fault ever comes out of bad ones."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envs.config.layers.merge import merge
from envs.config.load import load
from envs.config.reading.document import parse_document
from envs.config.reading.faults import ConfigurationError
from kube.yaml.faults import DocumentError, Fault
from kube.yaml.paths import dotted, steps
from kube.yaml.tree import Node
from tests.roots import make_root, scalars_at

pytestmark = pytest.mark.slow


settings.register_profile("layers", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("layers")

TEXT = st.text(alphabet="abz019 .:-#'\"&*!|>%@`{}[],?\n\t~/äß€😀", max_size=12)
KEYS = st.text(alphabet="abc", min_size=1, max_size=2)
SCALARS = TEXT | st.none()
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
LAYERS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)
STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([True, False, None]),
        "default_style": st.sampled_from([None, None, '"', "'", "|"]),
        "width": st.just(1000),  # PyYAML writes some texts wrongly where it has to fold them
        "indent": st.integers(2, 5),
        "allow_unicode": st.booleans(),
    }
)


def _dump(data: Any, style: Mapping[str, Any]) -> str:
    if style.get("default_style") is not None:
        data = _without_nulls(data)
    text: str = yaml.dump(data, Dumper=yaml.SafeDumper, sort_keys=False, **style)
    return text


def _without_nulls(data: Any) -> Any:
    """Put a word in place of nulls, which PyYAML would tag where it quotes everything."""
    if isinstance(data, dict):
        return {key: _without_nulls(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_without_nulls(value) for value in data]
    return "nothing" if data is None else data


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child) for child in node.value]
    return None if node.value is None else str(node.value)


def _scalars(node: Node) -> Iterator[Node]:
    children = node.value if isinstance(node.value, list) else []
    for child in node.value.values() if isinstance(node.value, dict) else children:
        yield from _scalars(child)
    if isinstance(node.value, str):
        yield node


def _parsed(data: Any, name: str, style: Mapping[str, Any]) -> tuple[Node, str]:
    text = _dump(data, style)
    return parse_document(text.encode(), name), text


@given(LAYERS, STYLES)
def test_a_layer_says_what_was_written(data: dict[str, Any], style: dict[str, Any]) -> None:
    node, _ = _parsed(data, "layer.yaml", style)
    assert _plain(node) == (data if style["default_style"] is None else _without_nulls(data))


@given(LAYERS, LAYERS, STYLES)
def test_origins_point_at_the_text_that_holds_the_value(
    weak: dict[str, Any], strong: dict[str, Any], style: dict[str, Any]
) -> None:
    if style["default_style"] is None:
        weak = {**weak, "first": weak, "again": weak}  # written as an anchor and an alias
    texts = {}
    nodes = []
    for name, data in (("weak.yaml", weak), ("strong.yaml", strong)):
        node, text = _parsed(data, name, style)
        nodes.append(node)
        texts[name] = scalars_at(text)
    for node in (*nodes, merge(nodes)):
        for scalar in _scalars(node):
            assert texts[scalar.origin.file][scalar.origin.line, scalar.origin.column] == scalar.value
            assert scalar.value is not None


@given(st.lists(LAYERS, min_size=1, max_size=4), STYLES)
def test_merging_is_the_merge_of_mappings_where_the_stronger_wins_and_null_removes(
    layers: list[dict[str, Any]], style: dict[str, Any]
) -> None:
    style = {**style, "default_style": None}
    nodes = [_parsed(layer, f"{number}.yaml", style)[0] for number, layer in enumerate(layers)]
    expected: Any = {}
    for layer in layers:
        expected = _merged(expected, layer)
    assert _plain(merge(nodes)) == _cleaned(expected)
    assert merge(nodes) == merge(nodes)


def _merged(weak: Any, strong: Any) -> Any:
    if not (isinstance(weak, dict) and isinstance(strong, dict)):
        return strong
    return {**weak, **{key: _merged(weak.get(key), value) for key, value in strong.items()}}


def _cleaned(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    return {key: _cleaned(value) for key, value in data.items() if value is not None}


@given(LAYERS, LAYERS)
def test_the_values_of_an_overlay_always_win(weak: dict[str, Any], strong: dict[str, Any]) -> None:
    style: dict[str, Any] = {}
    merged = merge([_parsed(weak, "weak.yaml", style)[0], _parsed(strong, "strong.yaml", style)[0]])
    for path, value in _leaves(strong):
        node: Node | None = merged
        for step in path:
            node = node.child(step) if node else None
        if value is None:
            assert node is None
        else:
            assert node is not None
            assert (_plain(node), node.origin.file) == (value, "strong.yaml")


def _leaves(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path, data


BYTES = st.binary(max_size=200)
PUNCTUATION = st.text(alphabet="ab:-{}[]&*!|>'\"#,? \n\t%@\0\ufeff\u2028", max_size=80)


@given(BYTES | PUNCTUATION.map(str.encode))
def test_any_bytes_are_a_layer_or_a_fault_of_it(data: bytes) -> None:
    faults: list[Fault] = []
    try:
        parse_document(data, "layer.yaml")
    except DocumentError as error:
        faults = error.faults
    assert all(fault.origin.line >= 1 and fault.origin.column >= 1 and fault.message for fault in faults)


@given(st.binary(max_size=60))
@settings(max_examples=30)
def test_any_bytes_in_a_root_give_environments_or_one_report(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = make_root(Path(folder), {"base.yaml": b"images: {}\n" + data})
        with contextlib.suppress(ConfigurationError):
            assert list(load(root).environments) == ["qa"]


@given(st.lists(st.text(max_size=5), min_size=1, max_size=4))
def test_a_dotted_path_can_be_read_back(path: list[str]) -> None:
    assert steps(dotted(path)) == tuple(path)


@given(st.text(max_size=20))
def test_any_text_is_a_path_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert steps(text)
