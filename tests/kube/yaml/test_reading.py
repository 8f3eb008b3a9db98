"""Bytes that are no YAML to be relied upon: both forms of the reader give the same faults, with their places."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kube.yaml.compose import ReadLimits
from kube.yaml.faults import DocumentError, Fault
from kube.yaml.objects import read_objects
from kube.yaml.source import decode, name_fault
from kube.yaml.tree import read_tree

LIMITS = ReadLimits(bytes=1024 * 1024, depth=64, nodes=100_000)
DEEP = "is nested more than 64 levels deep"
REPEATED = "aliases repeat more than 100,000 values or 4,194,304 characters up to here; write fewer of them"
KEY = "a key must be a single word, not a list or a mapping"


def as_objects(data: bytes) -> Sequence[Fault]:
    """Return the faults of a file read as plain values."""
    return read_objects(data, "f.yaml", LIMITS)[1]


def as_tree(data: bytes) -> Sequence[Fault]:
    """Return the faults of a file read as a tree with places."""
    try:
        read_tree(decode(data, "f.yaml", LIMITS.bytes), LIMITS)
    except DocumentError as error:
        return error.faults
    return []


FAULTS = {
    "Latin-1": ("a: 1\nbä: 2\n".encode("latin-1"), "2:2: is not UTF-8 here; save the file as UTF-8"),
    "UTF-16": ("a: 1\n".encode("utf-16"), "1:1: is not UTF-8 here; save the file as UTF-8"),
    "a NUL": (
        b"a: 1\r\nb: \x00\n",
        '2:4: has the invisible character U+0000; delete it, or write it as an escape in "…"',
    ),
    "a tab": (b"a:\n\tb: 1\n", "2:1: is not YAML: a tab; YAML is indented with spaces"),
    "a key twice": (
        b"a: 1\nb: {c: 1, c: 2}\n",
        "2:11: b: `c` is defined twice, first at line 2; keep one of them",
    ),
    "a key twice, once in quotes": (
        b"a: 1\n'a': 2\n",
        "2:1: `a` is defined twice, first at line 1; keep one of them",
    ),
    "text behind the end": (
        b"a: 1\n...\nword\n",
        "3:1: is not YAML: there is text after the end of the document; delete it",
    ),
    "an open bracket at the end of a file": (
        b"a: 1\nb: {",
        "2:5: is not YAML: a value is missing here, or a bracket is never closed",
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
        "3:2: is not YAML: the indentation matches no line above; indent all keys of a mapping equally",
    ),
    "half of a pair of surrogates": (
        b'a: "\\ud83d"\n',
        "1:7: is not YAML: this escape names no character",
    ),
    "an unknown alias": (
        b"a: *b\n",
        "1:4: is not YAML: the alias names no anchor above; put the value in quotes if it is not an alias",
    ),
    "an anchor twice": (
        b"a: &x 1\nb: &x 2\n",
        "2:4: is not YAML: the anchor is defined twice, first at line 1; rename one of them",
    ),
    "an anchor that holds itself": (
        b"a: &x\n  b: *x\n",
        "1:4: an alias refers to the value that holds it, which would never end; delete it",
    ),
    "a tag of Python": (
        b"a: !!python/object:os.system x\n",
        (
            '1:4: a: the tag "!!python/object:os.system" is not supported; delete it, and put the value in '
            "quotes if it is text"
        ),
    ),
    "a tag of a key": (
        b"a: {!x b: 1}\n",
        '1:5: a: the tag "!x" is not supported; delete it, and put the value in quotes if it is text',
    ),
    "a tag that stands alone": (
        b"a: &x ! 12\n",
        '1:4: a: the tag "!" is not supported; delete it, and put the value in quotes if it is text',
    ),
    "a tag that nobody declared": (
        b"a: !e!x 1\n",
        "1:4: is not YAML: found undefined tag handle",
    ),
    "a merge key": (
        b"a: &x {b: 1}\nc: {<<: *x}\n",
        "2:5: c: merge keys (<<) are not supported; repeat the values here",
    ),
    "a list as a key": (b"? [a]\n: b\n", f"1:3: {KEY}"),
    "a mapping as a key": (b"a:\n  ? {a: b}\n  : c\n", f"2:5: a: {KEY}"),
    "an alias as a key": (
        b"a: &x b\nc:\n  *x : d\n",
        '3:3: c: an alias of "b" is used as a key; write the key itself',
    ),
    "an alias of the line above as a key": (
        b"a: &x b\n*x : c\n",
        '1:1: an alias of "b" is used as a key; write the key itself',
    ),
    "400,000 brackets": (b"[" * 400_000, f"1:65: {DEEP}"),
    "brackets behind a comment that closes more": (
        b"#" + b"]" * 60_000 + b"\n" + b"[" * 60_000,
        f"2:65: {DEEP}",
    ),
    "100,000 keys of keys": (b"? " * 100_000, f"1:129: {DEEP}"),
    "100,000 braces": (b"{a: " * 100_000, f"1:257: {DEEP}"),
    "10,000 list items in each other": (b"- " * 10_000 + b"a", f"1:129: {DEEP}"),
    "more than a mebibyte": (
        b"a: " + b"b" * 1024 * 1024,
        "1:1: has more than 1,048,576 bytes, the most that is read; split the file",
    ),
    "100,000 values": (
        b"[" + b"a," * 100_000 + b"]",
        "1:1: holds more than 100,000 values; split the document",
    ),
    "aliases that multiply values": (
        b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 9)),
        f"6:5: {REPEATED}",
    ),
    "aliases that multiply text": (
        b"a: &a " + b"x" * 500_000 + b"\nb: [" + b",".join([b"*a"] * 1000) + b"]\n",
        f"2:4: {REPEATED}",
    ),
    "aliases that nest": (
        b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [*a%d]\n" % (n, n, n - 1) for n in range(1, 100)),
        "65:6: is nested more than 64 levels deep once its aliases are followed",
    ),
}


@pytest.mark.parametrize("read", [as_objects, as_tree])
@pytest.mark.parametrize(("data", "expected"), FAULTS.values(), ids=FAULTS.keys())
def test_what_cannot_be_relied_upon_is_a_fault_at_its_place(
    read: Callable[[bytes], Sequence[Fault]], data: bytes, expected: str
) -> None:
    assert list(map(str, read(data))) == [f"f.yaml:{expected}"]


@pytest.mark.parametrize("read", [as_objects, as_tree])
def test_all_faults_of_one_document_come_together(read: Callable[[bytes], Sequence[Fault]]) -> None:
    found = read(b"a: 1\na: !x 2\n? [b]\n: 3\n")

    assert sorted((fault.origin.line, fault.origin.column) for fault in found) == [(2, 1), (2, 4), (3, 3)]


def test_aliases_of_many_small_documents_are_counted_together() -> None:
    """Each document alone is far below the limit."""
    document = b"a: &a [" + b"x," * 100 + b"]\nb: [" + b"*a," * 100 + b"]\n"

    _, faults = read_objects(b"---\n".join([document] * 50), "f.yaml")

    assert len(faults) == 1
    assert "aliases repeat more than" in faults[0].message


@settings(deadline=None)
@given(
    st.binary(max_size=60) | st.text(alphabet="ab1:-#'\"&*!|>%@`{}[],? \n\t~<", max_size=60).map(str.encode)
)
def test_any_bytes_give_values_or_faults_with_a_place(data: bytes) -> None:
    documents, faults = read_objects(data, "f.yaml")

    assert all(fault.origin.line > 0 and fault.message for fault in faults)
    assert all(document.origin.line > 0 for document in documents)


def test_a_file_name_that_is_not_utf_8_is_a_fault_that_can_be_printed() -> None:
    name = b"app/\xff.yaml".decode(errors="surrogateescape")

    assert str(name_fault(name)) == "app/\\xff.yaml: has a name that is not UTF-8; rename the file"
    assert name_fault("app/ä.yaml") is None
