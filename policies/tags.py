"""Classifies the tag of an image: whether it always names the same image, or moves."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import StrEnum

from kube.image import Image


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
    """The declared shape of a repository's versions where they are not full semantic versions."""

    MINOR = "minor"
    BUILD = "build"
    DATE = "date"


UNIQUE = frozenset({TagClass.COMMIT, TagClass.SEMVER, TagClass.BUILD, TagClass.TIMESTAMP, TagClass.COMPOUND})

# Words that publishers move from image to image, compared without regard to case.
_MOVING_BY_HABIT = (
    "latest newest last current default",
    "stable oldstable unstable testing release released rolling lts",
    "main master mainline trunk head tip develop development dev next edge canary",
    "nightly daily weekly snapshot experimental preview beta alpha rc",
    "prod production live staging stage preprod qa e2e uat test int integration sandbox local",
)
MOVING_WORDS = frozenset(word for line in _MOVING_BY_HABIT for word in line.split())

# These move even after a full version: 1.2.3-SNAPSHOT is rebuilt until 1.2.3 is released.
# Not `dev`: distributors use 3.13.1-dev as the name of a variant with a shell.
REBUILT_WORDS = frozenset({"snapshot", "latest", "nightly"})

# All patterns are valid in RE2, too, since policies.admission passes them to the API server.
_NUMBER = r"(?:0|[1-9][0-9]*)"
_PRERELEASE = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"  # https://semver.org, item 9
SEMVER = rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_PRERELEASE}(?:\.{_PRERELEASE})*)?"
HEX = r"(?:[0-9a-fA-F]{7,40}|[0-9a-fA-F]{64})"
_DESCRIBED = r"g[0-9a-f]{7,40}"  # a commit as git-describe(1) writes it
LONG_VERSION = r"[A-Za-z]*[0-9]+(?:\.[0-9]+){2,}[A-Za-z0-9.]*"  # 1.2.3, 1.2.3.4, jdk21.0.5, 1.2.3a1
PARTIAL = r"[vV]?[0-9]+(?:\.[0-9]+)?(?:\.[xX*])?"

_YEAR, _MONTH, _DAY = r"(?:19|20)[0-9]{2}", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:[Tt_.-]?[0-2][0-9][:.-]?[0-5][0-9](?:[:.-]?[0-5][0-9])?[Zz]?)?"
_DAY_TEXT = "|".join(rf"{_YEAR}{gap}{_MONTH}{gap}{_DAY}" for gap in ("", "-", "_", r"\."))
_STAMP_TEXT = rf"(?:{_DAY_TEXT}){_CLOCK}"
STAMP = rf"[vV]?{_STAMP_TEXT}(?:[-.][0-9]{{1,4}})?"
STAMP_OR_COMMIT_WITHIN = rf"(?:^|[-_.])(?:{_STAMP_TEXT}|{HEX}|{_DESCRIBED})(?:$|[-_.])"
REBUILT_WITHIN = rf"(?i)(?:^|[-_.])(?:{'|'.join(sorted(REBUILT_WORDS))})(?:$|[-_.])"

# The shape itself; a variant may follow it: 16.4-alpine3.20.
SHAPES = {
    Shape.MINOR: r"v?[0-9]+\.[0-9]+",
    Shape.BUILD: r"[vb]?[0-9]+",
    Shape.DATE: rf"v?{_YEAR}[-_.]?{_MONTH}(?:[-_.]?{_DAY}{_CLOCK})?(?:[-.][0-9]{{1,4}})?",
}
VARIANTS = r"(?:[-_][A-Za-z0-9_.-]+)?"
# The shape as one part of a longer tag; parts have neither dashes nor underscores.
SHAPE_PARTS = {**SHAPES, Shape.DATE: rf"v?{_YEAR}\.?{_MONTH}(?:\.?{_DAY})?(?:\.[0-9]{{1,4}})?"}

# Patterns are text, which `re` compiles when it is first used and keeps: the GitOps job imports this in each run, and
# classifies tags in few.
_DECLARED = {shape: pattern + VARIANTS for shape, pattern in SHAPES.items()}
_DECLARED_CLASS = {Shape.MINOR: TagClass.SEMVER, Shape.BUILD: TagClass.BUILD, Shape.DATE: TagClass.TIMESTAMP}
_WHOLE = ((HEX, TagClass.COMMIT), (STAMP, TagClass.TIMESTAMP))


def classify(image: Image, shapes: Mapping[str, Shape], environments: Collection[str] = ()) -> TagClass:
    """Return the class of the image's tag: the first that fits.

    `shapes` is keyed by the whole repository (docker.io/library/postgres); names in `environments` count
    as moving words too.
    """
    tag = image.tag
    if tag is None:
        return TagClass.NONE
    moving = MOVING_WORDS | {name.lower() for name in environments}
    shape = shapes.get(image.repository)
    if shape is not None and re.fullmatch(_DECLARED[shape], tag) and not re.search(REBUILT_WITHIN, tag):
        return _DECLARED_CLASS[shape]
    if tag.lower() in moving:
        return TagClass.MOVING
    return _classify_whole(tag) or _classify_parts(tag, moving, shape)


def _classify_whole(tag: str) -> TagClass | None:
    """Return the class of a tag that has one well-known form as a whole."""
    if re.fullmatch(SEMVER, tag):
        rebuilt = re.search(REBUILT_WITHIN, tag) and not re.search(STAMP_OR_COMMIT_WITHIN, tag)
        return TagClass.MOVING if rebuilt else TagClass.SEMVER
    return next((tag_class for pattern, tag_class in _WHOLE if re.fullmatch(pattern, tag)), None)


def _classify_parts(tag: str, moving: frozenset[str], shape: Shape | None) -> TagClass:
    """Return the class of a tag of several parts: one unique part makes the whole unique."""
    parts = re.split(r"[-_]", tag)
    if re.search(STAMP_OR_COMMIT_WITHIN, tag):
        return TagClass.COMPOUND
    if re.search(REBUILT_WITHIN, tag):
        return TagClass.MOVING
    if any(
        re.fullmatch(LONG_VERSION, part) or (shape and re.fullmatch(SHAPE_PARTS[shape], part))
        for part in parts
    ):
        return TagClass.COMPOUND
    if not moving.isdisjoint(re.split(r"[-_.]", tag.lower())):
        return TagClass.MOVING
    partial = any(re.fullmatch(PARTIAL, part) for part in parts)
    return TagClass.PARTIAL if partial else TagClass.UNKNOWN
