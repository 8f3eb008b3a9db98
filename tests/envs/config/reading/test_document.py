"""Bytes that are no layer: each gives faults with a place, whatever they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.config.reading.document import parse_document
from kube.yaml.faults import DocumentError

FAULTS = {
    "an empty file": (b"", "1:1: is empty; write at least one key, or delete the file"),
    "only comments": (b"# nothing\n", "1:1: is empty; write at least one key, or delete the file"),
    "a list": (b"- a\n", "1:1: is a list; a layer is a mapping, key: value"),
    "a word": (b"word\n", "1:1: is a single value; a layer is a mapping, key: value"),
    "text that is shown backwards": (
        "a: \u202eabc\n".encode(),
        '1:4: has the invisible character U+202E; delete it, or write it as an escape in "…"',
    ),
    "a line separator": (
        "a: b\u2028c\n".encode(),
        '1:5: has the invisible character U+2028; delete it, or write it as an escape in "…"',
    ),
    "a second document": (
        b"a: 1\n---\nb: 2\n",
        "3:1: a second document starts here; only one is read, put the other into its own file",
    ),
    "more than eight mebibytes": (
        b"a: " + b"b" * 8 * 1024 * 1024,
        "1:1: has more than 8,388,608 bytes, the most that is read; split the file",
    ),
    "deep nesting": (b"[" * 400_000, "1:65: is nested more than 64 levels deep"),
}


@pytest.mark.parametrize(("data", "expected"), FAULTS.values(), ids=FAULTS.keys())
def test_bytes_that_are_no_layer_give_a_fault_at_their_place(data: bytes, expected: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document(data, "f.yaml")
    assert list(map(str, caught.value.faults)) == [f"f.yaml:{expected}"]


def test_a_byte_order_mark_and_line_ends_of_windows_change_no_place() -> None:
    node = parse_document(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "f.yaml")
    second = node.child("b")
    assert second is not None
    assert second.value == "2"
    assert (str(second.key), str(second.origin)) == ("f.yaml:2:1", "f.yaml:2:4")


def test_an_alias_keeps_the_place_of_the_text_and_gets_the_place_of_its_own_key() -> None:
    node = parse_document(b"a: &x hello\nb: *x\n", "f.yaml").child("b")
    assert node is not None
    assert node.value == "hello"
    assert (str(node.key), str(node.origin)) == ("f.yaml:2:1", "f.yaml:1:4")


@pytest.mark.parametrize("word", ["null", "~", ""])
def test_only_an_unquoted_null_is_nothing(word: str) -> None:
    node = parse_document(f'a: {word}\nb: "{word}"\n'.encode(), "f.yaml")
    plain, quoted = node.child("a"), node.child("b")
    assert plain is not None
    assert plain.value is None
    assert quoted is not None
    assert quoted.value == word


def test_scalars_and_keys_stay_the_text_that_they_are() -> None:
    node = parse_document(b"a: [1.10, no, 0400, 1_000, 2026-11-20, true, .inf]\n1.10: b\n", "f.yaml")
    listed = node.child("a")
    assert listed is not None
    assert isinstance(listed.value, list)
    texts = [item.value for item in listed.value]
    assert texts == ["1.10", "no", "0400", "1_000", "2026-11-20", "true", ".inf"]
    assert node.child("1.10") is not None


def test_no_message_names_a_file_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document(b"a: [", "f.yaml")
    assert str(tmp_path) not in str(caught.value)
