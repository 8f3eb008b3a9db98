"""The file of a release is edited field by field, and every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.releases.document import fields_of, with_fields
from kube.yaml.faults import DocumentError

FILE = "environments/releases/qa/shop/server.yaml"

CASES = {
    "a value is replaced": ("image: a:1\nbuild: '4'\n", {"image": "a:2"}, "image: a:2\nbuild: '4'\n"),
    "comments and order stay": (
        "# ours\nbuild: '4' # from the pipeline\n\nimage: \"a:1\"   # why\n# end\n",
        {"image": "a:2", "build": "5"},
        '# ours\nbuild: "5" # from the pipeline\n\nimage: a:2   # why\n# end\n',
    ),
    "a field is added at the end": ("image: a:1\n", {"build": "x7"}, "image: a:1\nbuild: x7\n"),
    "a field is removed with all of its lines": (
        "image: a:1\nhold:\n  because: it fails\n  # really\nbuild: x\n",
        {"hold": None},
        "image: a:1\nbuild: x\n",
    ),
    "a mapping takes the place of another": (
        "hold: {because: one}\nimage: a:1\n",
        {"hold": {"because": "two words"}},
        'hold:\n  because: "two words"\nimage: a:1\n',
    ),
    "a field that is not there is not removed": ("image: a:1\n", {"hold": None}, "image: a:1\n"),
    "line ends of Windows stay": (
        "image: a:1\r\nbuild: x\r\n",
        {"image": "a:2"},
        "image: a:2\r\nbuild: x\r\n",
    ),
    "a last line without an end gets one": ("image: a:1", {"build": "x"}, "image: a:1\nbuild: x\n"),
    "a form in one line is written anew": (
        "{image: 'a:1', build: x}\n",
        {"image": "a:2"},
        "image: a:2\nbuild: x\n",
    ),
    "a text that looks like a number is quoted": (
        "image: a:1\n",
        {"build": "0017"},
        'image: a:1\nbuild: "0017"\n',
    ),
}


@pytest.mark.parametrize(("before", "fields", "after"), CASES.values(), ids=CASES)
def test_only_the_named_fields_change(before: str, fields: dict[str, object], after: str) -> None:
    assert with_fields(before.encode(), FILE, fields).decode() == after


def test_a_file_that_is_not_there_is_made() -> None:
    made = with_fields(None, FILE, {"image": "a:1", "build": None, "source": "c0ffee"})
    assert made == b"image: a:1\nsource: c0ffee\n"


def test_what_is_not_a_mapping_is_refused_with_its_place() -> None:
    with pytest.raises(DocumentError, match=rf"{FILE}:1:1: is a list"):
        with_fields(b"[1]\n", FILE, {"image": "a:1"})


WORDS = st.text(st.sampled_from("abc019:#'\"- {}[]|>&*!%@`,?~."), min_size=1, max_size=12)


@given(
    st.dictionaries(st.sampled_from(["image", "build", "hold"]), WORDS, min_size=1),
    st.dictionaries(st.sampled_from(["image", "build", "source"]), st.none() | WORDS),
)
def test_a_file_always_says_what_was_asked_for(before: dict[str, str], fields: dict[str, str | None]) -> None:
    wanted = {key: value for key, value in {**before, **fields}.items() if value is not None}
    if wanted:
        edited = with_fields(with_fields(None, FILE, before), FILE, fields)
        assert fields_of(edited, FILE) == wanted
