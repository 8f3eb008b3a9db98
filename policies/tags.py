"""A parsed image in, the class of its tag out: does it name one thing for ever or does it move."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from policies.image import Image


class TagClass(StrEnum):
    """What kind of name a tag is."""

    COMMIT = "commit"
    SEMVER = "semver"
    BUILD = "build"
    TIMESTAMP = "timestamp"
    COMPOUND = "compound"
    PARTIAL = "partial"
    MOVING = "moving"
    UNKNOWN = "unknown"
    NONE = "none"


class Shape(StrEnum):
    """What a repository declares of its versions where they are not full semantic versions."""

    MINOR = "minor"
    BUILD = "build"
    DATE = "date"


UNIQUE = frozenset({TagClass.COMMIT, TagClass.SEMVER, TagClass.BUILD, TagClass.TIMESTAMP, TagClass.COMPOUND})

# Words that publishers move from image to image, compared without letter case.
_MOVING_BY_HABIT = (
    "latest newest last current default",
    "stable oldstable unstable testing release released rolling lts",
    "main master mainline trunk head tip develop development dev next edge canary",
    "nightly daily weekly snapshot experimental preview beta alpha rc",
    "prod production live staging stage preprod qa e2e uat test int integration sandbox local",
)
MOVING_WORDS = frozenset(word for line in _MOVING_BY_HABIT for word in line.split())

# These move even behind a full version: 1.2.3-SNAPSHOT is rebuilt until 1.2.3 is released.
# Not `dev`: distributors use 3.13.1-dev as the name of a variant with a shell.
_REBUILT_WORDS = frozenset({"snapshot", "latest", "nightly"})

_NUMBER = r"(?:0|[1-9][0-9]*)"
_PRERELEASE = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"  # https://semver.org, item 9
_SEMVER = re.compile(rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_PRERELEASE}(?:\.{_PRERELEASE})*)?")
_HEX = re.compile(r"[0-9a-fA-F]{7,40}|[0-9a-fA-F]{64}")
_DESCRIBED_COMMIT = re.compile(r"g[0-9a-f]{7,40}")  # as git-describe(1) writes it
_LONG_VERSION = re.compile(
    r"[A-Za-z]*[0-9]+(?:\.[0-9]+){2,}[A-Za-z0-9.]*"
)  # 1.2.3, 1.2.3.4, jdk21.0.5, 1.2.3a1
_PARTIAL = re.compile(r"[vV]?[0-9]+(?:\.[0-9]+)?(?:\.[xX*])?")

_YEAR, _MONTH, _DAY = r"(?:19|20)[0-9]{2}", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:[T_.-]?[0-2][0-9][:.-]?[0-5][0-9](?:[:.-]?[0-5][0-9])?Z?)?"
_STAMP_TEXT = rf"{_YEAR}(?P<gap>[-_.]?){_MONTH}(?P=gap){_DAY}{_CLOCK}"
_STAMP = re.compile(rf"v?{_STAMP_TEXT}(?:[-.][0-9]{{1,4}})?", re.IGNORECASE)
_STAMP_WITHIN = re.compile(rf"(?:^|[-_.]){_STAMP_TEXT}(?:$|[-_.])", re.IGNORECASE)

_VARIANTS = r"(?:[-_][A-Za-z0-9_.-]+)?"
_DECLARED = {
    Shape.MINOR: re.compile(rf"v?[0-9]+\.[0-9]+{_VARIANTS}"),
    Shape.BUILD: re.compile(rf"[vb]?[0-9]+{_VARIANTS}"),
    Shape.DATE: re.compile(
        rf"v?{_YEAR}[-_.]?{_MONTH}(?:[-_.]?{_DAY}{_CLOCK})?(?:[-.][0-9]{{1,4}})?{_VARIANTS}"
    ),
}
_DECLARED_CLASS = {Shape.MINOR: TagClass.SEMVER, Shape.BUILD: TagClass.BUILD, Shape.DATE: TagClass.TIMESTAMP}


def classify(image: Image, shapes: Mapping[str, Shape], environments: Collection[str] = ()) -> TagClass:
    """Class of the image's tag; the first that fits.

    `shapes` is keyed by the whole repository (docker.io/library/postgres); names in `environments` count
    as moving words too.
    """
    tag = image.tag
    if tag is None:
        return TagClass.NONE
    moving = MOVING_WORDS | {name.lower() for name in environments}
    words = set(re.split(r"[-_.]", tag.lower()))
    shape = shapes.get(image.repository)
    if shape is not None and _DECLARED[shape].fullmatch(tag) and not words & _REBUILT_WORDS:
        return _DECLARED_CLASS[shape]
    if tag.lower() in moving:
        return TagClass.MOVING
    return _classify_whole(tag, words) or _classify_parts(tag, words, moving, shape)


def _classify_whole(tag: str, words: set[str]) -> TagClass | None:
    """Class of a tag that is one well-known form from its first to its last character."""
    if _SEMVER.fullmatch(tag):
        rebuilt = bool(words & _REBUILT_WORDS) and not _has_stamp_or_commit(tag)
        return TagClass.MOVING if rebuilt else TagClass.SEMVER
    if _HEX.fullmatch(tag):
        return TagClass.COMMIT
    if _STAMP.fullmatch(tag):
        return TagClass.TIMESTAMP
    return None


def _classify_parts(tag: str, words: set[str], moving: Collection[str], shape: Shape | None) -> TagClass:
    """Class of a tag of several parts: one unique part makes the whole unique."""
    parts = re.split(r"[-_]", tag)
    if _has_stamp_or_commit(tag):
        return TagClass.COMPOUND
    if words & _REBUILT_WORDS:
        return TagClass.MOVING
    if any(_LONG_VERSION.fullmatch(part) or (shape and _DECLARED[shape].fullmatch(part)) for part in parts):
        return TagClass.COMPOUND
    if not words.isdisjoint(moving):
        return TagClass.MOVING
    partial = any(_PARTIAL.fullmatch(part) for part in parts)
    return TagClass.PARTIAL if partial else TagClass.UNKNOWN


def _has_stamp_or_commit(tag: str) -> bool:
    if _STAMP_WITHIN.search(tag):
        return True
    return any(_HEX.fullmatch(part) or _DESCRIBED_COMMIT.fullmatch(part) for part in re.split(r"[-_.]", tag))
