"""Bytes that are no layer: each gives faults with a place, whatever they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.config.reading.document import parse_document
from envs.config.reading.events import DocumentError

SYNTAX = {
    "an empty file": (b"", "1:1: is empty; write at least one key, or delete the file"),
    "only comments": (b"# nothing\n", "1:1: is empty; write at least one key, or delete the file"),
    "a list": (b"- a\n", "1:1: is a list; a layer is a mapping, key: value"),
    "a word": (b"word\n", "1:1: is a single value; a layer is a mapping, key: value"),
    "Latin-1": ("a: 1\nbä: 2\n".encode("latin-1"), "2:2: is not UTF-8 here; save the file as UTF-8"),
    "UTF-16": ("a: 1\n".encode("utf-16"), "1:1: is not UTF-8 here; save the file as UTF-8"),
    "a NUL": (
        b"a: 1\r\nb: \x00\n",
        '2:4: has the invisible character U+0000; delete it, or write it as an escape in "…"',
    ),
    "text that is shown backwards": (
        "a: \u202eabc\n".encode(),
        '1:4: has the invisible character U+202E; delete it, or write it as an escape in "…"',
    ),
    "a line separator": (
        "a: b\u2028c\n".encode(),
        '1:5: has the invisible character U+2028; delete it, or write it as an escape in "…"',
    ),
    "a tab": (b"a:\n\tb: 1\n", "2:1: is not YAML: a tab; YAML is indented with spaces"),
    "a key twice": (
        b"a: 1\nb: {c: 1, c: 2}\n",
        "2:11: b: `c` stands twice here, first at line 2; keep one of them",
    ),
    "a second document": (
        b"a: 1\n---\nb: 2\n",
        "2:1: a second document starts here; a layer is one document, put the other into its own file",
    ),
    "text behind the end": (
        b"a: 1\n...\nword\n",
        "3:1: is not YAML: there is text behind the end of the document; delete it",
    ),
    "an open quote": (b'a: "b\nc: 1\n', "3:1: is not YAML: the quote opened in line 1 is never closed"),
    "an open bracket": (
        b"a: {b: 1\nc: 2\n",
        "2:2: is not YAML: the bracket opened in line 1 is not closed, or a comma is missing before this",
    ),
    "an unquoted cron schedule": (
        b"a: */5 * * * *\n",
        "1:5: is not YAML: a value that starts with * or & would be an alias or an anchor; put it in quotes",
    ),
    "an unquoted at sign": (b"a: @b\n", "1:4: is not YAML: a value cannot start with @; put it in quotes"),
    "a colon too many": (
        b"a: b: c\n",
        (
            "1:5: is not YAML: a second `key:` on one line, or too much indentation; indent with two spaces, "
            "and quote values with a colon"
        ),
    ),
    "uneven indentation": (
        b"a:\n  b: 1\n c: 2\n",
        "3:2: is not YAML: the indentation fits no line above; indent the keys of one mapping alike",
    ),
    "an unknown alias": (
        b"a: *b\n",
        "1:4: a: there is no anchor &b above; put the value in quotes if it is no alias",
    ),
    "an anchor twice": (
        b"a: &x 1\nb: &x 2\n",
        "2:4: b: the anchor &x stands twice, first at line 1; rename one of them",
    ),
    "an anchor that holds itself": (
        b"a: &x\n  b: *x\n",
        "2:6: a.b: the alias *x stands within what it repeats, which would never end",
    ),
    "a tag of Python": (
        b"a: !!python/object:os.system x\n",
        (
            '1:4: a: the tag "!!python/object:os.system" is not supported; delete it, each field knows the type '
            "of its value"
        ),
    ),
    "a merge key": (
        b"a: &x {b: 1}\nc: {<<: *x}\n",
        "2:5: c: merge keys (<<) are not supported; use an alias for a whole value, or `extends` for a whole file",
    ),
    "a list as a key": (
        b"? [a]\n: b\n",
        "1:3: a key must be a single word, not a list, a mapping or an alias",
    ),
    "an alias as a key": (
        b"a: &x b\n*x : c\n",
        "2:1: a key must be a single word, not a list, a mapping or an alias",
    ),
    "400,000 brackets": (b"[" * 400_000, "1:66: is nested more than 64 levels deep"),
    "100,000 keys of keys": (b"? " * 100_000, "1:131: is nested more than 64 levels deep"),
    "10,000 list items in each other": (b"- " * 10_000 + b"a", "1:131: is nested more than 64 levels deep"),
    "more than a mebibyte": (
        b"a: " + b"b" * 1024 * 1024,
        "1:1: has more than 1,048,576 bytes, the most that a layer may have; split it",
    ),
    "aliases that multiply values": (
        b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 9)),
        (
            "5:38: grows to more than 100,000 values or 4,194,304 characters once its aliases are followed; "
            "split the file"
        ),
    ),
    "aliases that multiply text": (
        b"a: &a " + b"x" * 500_000 + b"\nb: [" + b",".join([b"*a"] * 1000) + b"]\n",
        (
            "2:26: grows to more than 100,000 values or 4,194,304 characters once its aliases are followed; "
            "split the file"
        ),
    ),
}


@pytest.mark.parametrize(("data", "expected"), SYNTAX.values(), ids=SYNTAX.keys())
def test_bytes_that_are_no_layer_give_a_fault_at_their_place(data: bytes, expected: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document(data, "f.yaml")
    assert list(map(str, caught.value.faults)) == [f"f.yaml:{expected}"]


def test_all_faults_of_one_file_come_together() -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document(b"a: 1\na: !x 2\n? [b]\n: 3\n", "f.yaml")
    assert [(fault.origin.line, fault.origin.column) for fault in caught.value.faults] == [
        (2, 1),
        (2, 4),
        (3, 3),
    ]


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


def test_scalars_stay_the_text_that_they_are() -> None:
    node = parse_document(b"a: [1.10, no, 0400, 1_000, 2026-11-20, true]\n", "f.yaml").child("a")
    assert node is not None
    assert isinstance(node.value, list)
    assert [item.value for item in node.value] == ["1.10", "no", "0400", "1_000", "2026-11-20", "true"]


def test_no_message_names_a_file_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document(b"a: [", "f.yaml")
    assert str(tmp_path) not in str(caught.value)
