"""YAML and JSON: what becomes a document, and how each fault is named."""

from __future__ import annotations

from typing import Any

import pytest

from gitops.settings import RunLimits
from gitops.source.documents import read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12:30", "12:30"),
        ("2020-01-01", "2020-01-01"),
        ("yes", True),
        ("010", 8),
        ("0x1F", 31),
        ("1_000", 1000),
        ("-3", -3),
        ("1e3", 1000.0),
        ("0.5", 0.5),
        (".inf", ".inf"),
        ("null", None),
        ("'5'", "5"),
        ("{b: &x [1], c: *x}", {"b": [1], "c": [1]}),
    ],
)
def test_scalars_are_read_as_kubectl_reads_them(text: str, value: Any) -> None:
    """Times of day and dates stay text, and nothing becomes what JSON cannot say."""
    documents, faults = read("f.yaml", f"a: {text}".encode(), RunLimits())
    assert (documents[0].value, faults) == ({"a": value}, [])


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3", 1, "duplicate key a (line 3)"),
        ("x:\n  1: a", 2, "the key 1 is not text"),
        ("a: !!python/object:os.system x", 1, "could not determine a constructor"),
        ("a: !!binary aGk=", 1, "is not plain YAML"),
        ("a: &a [*a]", 1, "refers to itself"),
        ("a: 1\nb: [", 3, "did not find expected node content"),
        ("a: b: c", 1, "mapping values are not allowed"),
        ("[" * 100_000, 1, "is nested deeper than 100 levels"),
        ("a: 1\nb: " + "[" * 101 + "]" * 101, 2, "is nested deeper than 100 levels"),
        ("- " * 100_000 + "x", 1, "is nested deeper than 100 levels"),
        ("{a: " * 100_000, 1, "is nested deeper than 100 levels"),
        ("a: \x00", 0, "control characters are not allowed"),
    ],
)
def test_what_is_no_plain_yaml_is_a_fault_with_its_line(text: str, line: int, says: str) -> None:
    """Never a traceback, never a guess."""
    _, faults = read("f.yaml", text.encode(), RunLimits())
    assert len(faults) == 1
    assert not line or faults[0].line == line
    assert says in faults[0].message


def test_aliases_cannot_exhaust_the_job() -> None:
    """The billion laughs are counted before they are built."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    _, faults = read("f.yaml", "\n".join(lines).encode(), RunLimits())
    assert "expands its aliases to too large a document" in faults[0].message


def test_documents_carry_their_lines_and_bytes_must_be_utf_8() -> None:
    """Empty documents vanish; a byte order mark is allowed."""
    documents, _ = read(
        "f.yaml", b"\xef\xbb\xbf---\na: 1\n---\n---\n# only a remark\n---\nb: 2\n", RunLimits()
    )
    assert [(document.line, document.value) for document in documents] == [(2, {"a": 1}), (7, {"b": 2})]
    assert read("f.yaml", b"a: 1\nb: \xff", RunLimits())[1][0].line == 2
    assert read("f.json", b'{"a": [1, 2.5, null, "x"]}', RunLimits())[0][0].value == {
        "a": [1, 2.5, None, "x"]
    }
