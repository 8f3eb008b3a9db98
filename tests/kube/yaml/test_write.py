"""YAML that says what the object says, and looks the way people write it."""

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from kube.yaml.write import to_yaml

WORDS = [
    "", " ", "~", "null", "Null", "true", "Yes", "no", "ON", "off", "y", "N", "=", "<<", "-", "?", ":", "---",
    "...", "1", "-1", "+1", "0x1f", "0o17", "017", "1_000", "1e3", "1.5", ".5", ".inf", "-.INF", ".nan",
    "1:30", "12:30:45", "2026-11-20", "2026-11-20T10:00:00Z", "# no comment", "a #b", "a: b", "a:", "- a",
    "[a]", "{a: b}", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a`", "'", '"', "\\", "\t", "a\tb", "\r", "a\rb",
    "\r\n", "\x00", "\x07", "\x1b", "\x7f", "\x85", "\xa0", "\u2028", "\u2029", "\ufeff", "\ufffe", "é", "\U0001f600",
    "a\n", "a\n\n", "\na", "\n", "\n\n", "a\nb", " a\nb", "a\n b", "a \nb", "a\n \nb", "a\n\n\nb\n\n\n", "\ta\nb",
    "a\n\tb", "a\n---\nb", "a\n# b", "a\r\nb", "a\x85b", "a\u2028b\nc", "a\n ", "a\n\t", "$(A)", "{{ a }}",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(WORDS),
    st.text(),
    st.lists(st.sampled_from([*WORDS, "\n", " "]), max_size=5).map("".join),
)
LEAVES = st.one_of(
    TEXTS,
    st.booleans(),
    st.none(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(TEXTS, VALUES, max_size=5)
LOADERS = [yaml.SafeLoader, yaml.CSafeLoader]


@pytest.mark.parametrize("loader", LOADERS)
@given(value=DOCUMENTS)
@example(value={})
@example(value={"a": {"b": [[], {}, [[1, [2]]], {"c": [{"d": "e\nf"}]}]}})
@example(value={"a": [1e16, -0.0, 1e-7, 123456789.125, 10**30]})
@example(value={word: [word] for word in WORDS})
def test_what_is_read_back_is_what_was_written(loader: Any, value: dict[str, Any]) -> None:
    text = to_yaml(value)
    again = yaml.load(text, Loader=loader)  # noqa: S506 both are safe loaders
    assert again == value
    assert repr(again) == repr(value)  # True is not 1, and 1 is not 1.0


def test_it_looks_like_what_people_write() -> None:
    value = {
        "kind": "ConfigMap",
        "metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "a", "version": "1.10"}},
        "data": {"on": "yes", "a.conf": "x = 1\n\ny = 2\n", "image": "r.example.com:5000/a/b:v1"},
        "list": [{"name": "a", "ports": [80, 443]}, [], {}],
    }
    assert (
        to_yaml(value)
        == """\
kind: ConfigMap
metadata:
  name: a
  labels:
    app.kubernetes.io/name: a
    version: "1.10"
data:
  "on": "yes"
  a.conf: |
    x = 1

    y = 2
  image: r.example.com:5000/a/b:v1
list:
- name: a
  ports:
  - 80
  - 443
- []
- {}
"""
    )


def test_keys_keep_their_order() -> None:
    assert to_yaml({"b": 1, "a": 2}) == "b: 1\na: 2\n"
