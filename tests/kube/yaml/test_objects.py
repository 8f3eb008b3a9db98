"""Files of several documents as plain values, and where these values are written."""

from __future__ import annotations

from kube.yaml.compose import ReadLimits
from kube.yaml.objects import read_objects

STREAM = b"""\
---
a: 1
---
---
# only a remark
---
b:
- name: x
- [v, w]
"""


def test_empty_documents_are_left_out_and_each_other_one_has_its_place() -> None:
    documents, faults = read_objects(STREAM, "f.yaml")

    assert faults == []
    assert [(str(one.origin), one.value) for one in documents] == [
        ("f.yaml:2:1", {"a": 1}),
        ("f.yaml:7:1", {"b": [{"name": "x"}, ["v", "w"]]}),
    ]


def test_each_entry_has_the_place_of_its_key_or_of_the_item() -> None:
    (_, document), _ = read_objects(STREAM, "f.yaml")
    listed = document.value["b"]

    assert str(document.entry(document.value, "b")) == "f.yaml:7:1"
    assert str(document.entry(listed, 1)) == "f.yaml:9:3"
    assert str(document.entry(listed[0], "name")) == "f.yaml:8:3"
    assert str(document.entry(listed[1], 1)) == "f.yaml:9:7"
    assert document.entry(document.value, "nothing") is None
    assert document.entry(listed, 2) is None
    assert document.entry("x", 0) is None


def test_a_byte_order_mark_and_line_ends_of_windows_change_no_place() -> None:
    (document,), _ = read_objects(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "f.yaml")

    assert str(document.entry(document.value, "b")) == "f.yaml:2:1"


def test_a_fault_leaves_its_document_out_and_hides_no_other() -> None:
    documents, faults = read_objects(b"a: 1\n---\nb: .inf\nc: 99999999999999999999\n---\nd: 1\n", "f.yaml")

    assert [one.value for one in documents] == [{"a": 1}, {"d": 1}]
    assert list(map(str, faults)) == [
        'f.yaml:3:4: b: ".inf" is not a number in JSON; put it in quotes if it is text',
        (
            'f.yaml:4:4: c: "99999999999999999999" is too large for a number in Kubernetes; '
            "put it in quotes if it is text"
        ),
    ]


def test_a_key_that_is_not_text_is_named_with_its_place() -> None:
    _, faults = read_objects(b"data:\n  on: a\n", "f.yaml")

    assert list(map(str, faults)) == ['f.yaml:2:3: data: the key "on" is not text; put it in quotes']


def test_what_precedes_a_fault_of_syntax_is_read() -> None:
    documents, faults = read_objects(b"a: 1\n---\nb: [\n", "f.yaml")

    assert [one.value for one in documents] == [{"a": 1}]
    assert [fault.origin.line for fault in faults] == [4]


def test_what_an_alias_repeats_can_be_changed_on_its_own() -> None:
    (document,), _ = read_objects(b"a: &x {b: 1}\nc: *x\n", "f.yaml")

    document.value["c"]["b"] = 2

    assert document.value["a"] == {"b": 1}


def test_json_is_read_as_yaml() -> None:
    (document,), faults = read_objects(b'{"a": [1, 2.5, null, true, "x\\n", "1"]}', "f.json")

    assert (document.value, faults) == ({"a": [1, 2.5, None, True, "x\n", "1"]}, [])


def test_a_document_counts_its_values_and_the_next_one_starts_again() -> None:
    text = b"[" + b"a," * 60 + b"]\n---\n[" + b"a," * 60 + b"]\n"

    assert read_objects(text, "f.yaml", ReadLimits(nodes=100))[1] == []
    assert len(read_objects(text, "f.yaml", ReadLimits(nodes=50))[1]) == 1
