"""Semantic versions in their order, and the ranges that contain them."""

from __future__ import annotations

import pytest

from kube.semver import RangeError, Version, parse_range, parse_version

# https://semver.org, item 11, and what is beside it.
ORDERED = (
    "0.0.0-0 0.9.9 1.0.0-0 1.0.0-0.0 1.0.0-2 1.0.0-11 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta "
    "1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 v1.0.0 1.0.1 1.2.0 1.10.0 10.0.0"
)
OTHERS = (
    "1",
    "1.2",
    "1.2.3.4",
    "01.2.3",
    "1.2.3-01",
    "1.2.3-",
    "1.2.3+5",
    "V1.2.3",
    "latest",
    "",
    "1.2.3\n",
    "1.2.٣",
)


def version(text: str) -> Version:
    found = parse_version(text)
    assert found is not None, text
    return found


def test_versions_have_the_order_of_the_specification() -> None:
    versions = [version(text) for text in ORDERED.split()]
    assert sorted(versions) == versions
    assert len(set(versions)) == len(versions)


@pytest.mark.parametrize("text", OTHERS)
def test_other_texts_are_no_versions(text: str) -> None:
    assert parse_version(text) is None


CONTAINS = {
    "^1.2.3": ("1.2.3 1.2.4 1.9.0", "1.2.2 2.0.0 2.0.0-rc.1 1.3.0-rc.1 0.9.0"),
    "^1.2": ("1.2.0 1.30.0", "1.1.9 2.0.0"),
    "^1": ("1.0.0 1.9.9", "0.9.9 2.0.0"),
    "^0.2.3": ("0.2.3 0.2.9", "0.2.2 0.3.0 1.0.0"),
    "^0.0.3": ("0.0.3", "0.0.2 0.0.4"),
    "^0.0": ("0.0.0 0.0.9", "0.1.0"),
    "^0": ("0.0.0 0.9.0", "1.0.0"),
    "^1.x": ("1.0.0 1.9.0", "2.0.0"),
    "~1.2.3": ("1.2.3 1.2.9", "1.2.2 1.3.0"),
    "~1.2": ("1.2.0 1.2.9", "1.3.0"),
    "~1": ("1.0.0", "2.0.0"),
    "1.2.3": ("1.2.3 v1.2.3", "1.2.2 1.2.4 1.2.3-rc.1"),
    "=1.2": ("1.2.0 1.2.9", "1.3.0"),
    "1.x": ("1.0.0 1.9.0", "2.0.0"),
    "1.2.*": ("1.2.0", "1.3.0"),
    "*": ("0.0.1 99.0.0", "1.0.0-rc.1"),
    ">=*": ("0.0.1", "1.0.0-rc.1"),
    ">1.2.3": ("1.2.4", "1.2.3"),
    ">1.2": ("1.3.0", "1.2.9"),
    ">1": ("2.0.0", "1.9.9"),
    ">=1.2": ("1.2.0 3.0.0", "1.1.9"),
    "<1.2.3": ("1.2.2", "1.2.3"),
    "<1.2": ("1.1.9", "1.2.0"),
    "<=1.2": ("1.2.9", "1.3.0"),
    "<=1.2.3": ("1.2.3", "1.2.4"),
    ">=1.2 <2": ("1.2.0 1.9.9", "1.1.9 2.0.0"),
    ">= 1.2, < 2": ("1.2.0 1.9.9", "2.0.0"),
    "^1.2 || >=3": ("1.2.0 3.0.0 4.0.0", "2.0.0"),
    # Prereleases only where the range names one, and never those of its end.
    "^1.2.0-0": ("1.2.0-rc.1 1.2.0 1.3.0-rc.1", "2.0.0-rc.1"),
    ">=1.2.0-rc.2 <2.0.0": ("1.2.0-rc.2 1.2.0-rc.10 1.9.0-beta", "1.2.0-rc.1 2.0.0-rc.1"),
    ">1.2.0-rc.1": ("1.2.0-rc.1.0 1.2.0-rc.2 1.2.0", "1.2.0-rc.1"),
    "<=1.2.0-rc.1": ("1.2.0-rc.1 1.1.0", "1.2.0-rc.1.0 1.2.0"),
    "<1.2.0-rc.2": ("1.2.0-rc.1", "1.2.0-rc.2"),
    "1.2.0-rc.1": ("1.2.0-rc.1", "1.2.0 1.2.0-rc.2"),
    "~1.2.0-0": ("1.2.5-rc.1", "1.3.0-rc.1"),
    "^1 || 2.0.0-rc.1": ("1.0.0 2.0.0-rc.1", "1.1.0-rc.1"),
}


@pytest.mark.parametrize(("text", "within", "outside"), [(key, *value) for key, value in CONTAINS.items()])
def test_a_range_contains_what_its_operators_say(text: str, within: str, outside: str) -> None:
    found = parse_range(text)
    assert [each for each in within.split() if version(each) not in found] == []
    assert [each for each in outside.split() if version(each) in found] == []


WRONG = {
    "": "is empty",
    " || ^1": "is empty",
    "latest": '"latest" is not a range of versions',
    "^^1": '"^^1" is not a range',
    "^": '"^" is not a range',
    "!=1.2": "is not a range",
    "1.2.3.4": "is not a range",
    "^1.2-rc.1": "a prerelease belongs to a whole version",
    ">*": "write a number after >",
    "1" * 201: "201 characters; 200 are allowed",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items())
def test_what_is_not_a_range_is_told_with_the_part_that_is_wrong(text: str, message: str) -> None:
    with pytest.raises(RangeError) as raised:
        parse_range(text)
    assert message in str(raised.value)
