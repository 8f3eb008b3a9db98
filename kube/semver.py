"""Semantic versions and ranges of them, as tags of images name versions.

Versions and their order: https://semver.org, items 9 to 11; a leading `v` is allowed, and metadata after a plus is
not, since no tag can have it. Ranges: `^`, `~` and comparators as in
https://github.com/Masterminds/semver#checking-version-constraints, which Helm and Flux use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kube.yaml.faults import quoted

_NUMBER = r"(0|[1-9][0-9]{0,17})"
_IDENTIFIER = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_PRERELEASE = rf"(?:-(?P<prerelease>{_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
_VERSION = re.compile(rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}{_PRERELEASE}", re.ASCII)
_WILD = r"(?:[xX*]|0|[1-9][0-9]{0,17})"
_PARTIAL = re.compile(rf"v?(?P<numbers>{_WILD}(?:\.{_WILD}){{0,2}}){_PRERELEASE}", re.ASCII)
_OPERATOR = re.compile(r"(\^|~|>=|<=|>|<|=)[ ]*")
_LONGEST = 200  # characters of a range
_PARTS = 3
_LEAST = ((0, 0, ""),)  # the prerelease before all others: -0


class RangeError(ValueError):
    """A text that is not a range of versions; the message says which part is wrong."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A semantic version; its fields are in the order in which versions are compared."""

    major: int
    minor: int
    patch: int
    final: bool = True
    """Whether it is no prerelease."""
    prerelease: tuple[tuple[int, int, str], ...] = ()
    """Identifiers, numbers before words."""


@dataclass(frozen=True, slots=True)
class _Interval:
    """Versions from `least` on and before `end`; None is no bound."""

    least: Version | None
    end: Version | None

    def __contains__(self, version: Version) -> bool:
        return (self.least is None or version >= self.least) and (self.end is None or version < self.end)


@dataclass(frozen=True, slots=True)
class _Alternative:
    """Intervals that a version must all be in; prereleases count only where one of them names a prerelease."""

    intervals: tuple[_Interval, ...]
    prereleases: bool


@dataclass(frozen=True, slots=True)
class Range:
    """A set of versions."""

    alternatives: tuple[_Alternative, ...]

    def __contains__(self, version: Version) -> bool:
        return any(
            (version.final or each.prereleases) and all(version in interval for interval in each.intervals)
            for each in self.alternatives
        )


def parse_version(text: str) -> Version | None:
    """Read a semantic version; None for any other text."""
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    return _version(tuple(int(found[number]) for number in (1, 2, 3)), found["prerelease"])


def parse_range(text: str) -> Range:
    """Read a range such as `^1.2`, `~1.4.0`, `>=1.2 <2` or `1.x || >=3.0.0-0`; raises RangeError."""
    if len(text) > _LONGEST:
        raise RangeError(f"the range has {len(text)} characters; {_LONGEST} are allowed")
    return Range(tuple(_alternative(part) for part in text.split("||")))


def _alternative(text: str) -> _Alternative:
    words = _OPERATOR.sub(r"\1", text).replace(",", " ").split()
    if not words:
        raise RangeError("a range of versions is empty; write it like ^1.2, or * for every version")
    intervals, prereleases = [], False
    for word in words:
        operator = _OPERATOR.match(word)
        rest = word[operator.end() :] if operator else word
        found = _PARTIAL.fullmatch(rest)
        if found is None:
            raise RangeError(
                f"{quoted(word)} is not a range of versions; write it like ^1.2, ~1.4.0 or >=1.2 <2"
            )
        intervals.append(_interval(operator[1] if operator else "=", found, word))
        prereleases = prereleases or found["prerelease"] is not None
    return _Alternative(tuple(intervals), prereleases)


def _interval(operator: str, found: re.Match[str], word: str) -> _Interval:
    numbers = tuple(_numbers(found["numbers"]))
    if found["prerelease"] is not None and len(numbers) < _PARTS:
        raise RangeError(f"{quoted(word)}: a prerelease belongs to a whole version; write it like 1.2.0-0")
    if not numbers and operator in {">", "<"}:
        raise RangeError(f"{quoted(word)} contains no version at all; write a number after {operator}")
    if not numbers:
        return _Interval(None, None)
    return _bounds(operator, numbers, _version((*numbers, 0, 0)[:_PARTS], found["prerelease"]))


def _bounds(operator: str, numbers: tuple[int, ...], version: Version) -> _Interval:
    end = _after(numbers, version)
    known = {
        ">": _Interval(end, None),
        ">=": _Interval(version, None),
        "<": _Interval(None, _first(version)),
        "<=": _Interval(None, end),
        "^": _Interval(version, _bumped(numbers[: _leading(numbers)])),
        "~": _Interval(version, _bumped(numbers[:2])),
        "=": _Interval(version, end),
    }
    return known[operator]


def _numbers(text: str) -> Iterator[int]:
    """Yield the numbers before the first wild card."""
    for part in text.split("."):
        if not part.isdecimal():
            return
        yield int(part)


def _leading(numbers: tuple[int, ...]) -> int:
    """Count the numbers that `^` keeps: up to the first one that is not zero."""
    return next((place for place, number in enumerate(numbers, 1) if number), len(numbers))


def _after(numbers: tuple[int, ...], version: Version) -> Version:
    """Return the first version after all that a text such as 1.2 stands for."""
    if version.final:
        return _bumped(numbers)
    return Version(
        version.major, version.minor, version.patch, final=False, prerelease=version.prerelease + _LEAST
    )


def _bumped(numbers: tuple[int, ...]) -> Version:
    """Return the first version with the last one of some numbers raised by one."""
    major, minor, patch = (*numbers[:-1], numbers[-1] + 1, 0, 0)[:_PARTS]
    return _first(Version(major, minor, patch))


def _first(version: Version) -> Version:
    """Return the first prerelease of a version, so that `<2.0.0` does not contain 2.0.0-rc.1; else the version."""
    if not version.final:
        return version
    return Version(version.major, version.minor, version.patch, final=False, prerelease=_LEAST)


def _version(numbers: tuple[int, ...], prerelease: str | None) -> Version:
    major, minor, patch = numbers
    if prerelease is None:
        return Version(major, minor, patch)
    identifiers = ((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in prerelease.split("."))
    return Version(major, minor, patch, final=False, prerelease=tuple(identifiers))
