"""Which tags are newer than another one, by the declared order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from envs.config.model.updates import Updates
from kube.semver import parse_range, parse_version

_BUILD = re.compile(r"[vb]?([0-9]+)", re.ASCII)
_DATE = re.compile(
    r"v?(?P<year>(?:19|20)[0-9]{2})[-_.]?(?P<month>0[1-9]|1[0-2])(?:[-_.]?(?P<day>0[1-9]|[12][0-9]|3[01])"
    r"(?:[Tt_.-]?(?P<hour>[0-2][0-9])[:.-]?(?P<minute>[0-5][0-9])(?:[:.-]?(?P<second>[0-5][0-9]))?[Zz]?)?)?"
    r"(?:[-.](?P<count>[0-9]{1,4}))?",
    re.ASCII,
)  # as policies.tags.SHAPES has it


def rank(updates: Updates, tag: str) -> tuple[Any, ...] | None:
    """Return what orders a tag among others; None where it is not of the declared form."""
    if updates.variant is not None:
        if not tag.endswith(f"-{updates.variant}"):
            return None
        tag = tag.removesuffix(f"-{updates.variant}")
    return _READERS[updates.newest or "semver"](tag)


def newer(updates: Updates, current: str, tags: Iterable[str]) -> list[str]:
    """Keep the tags that are newer than the current one and allowed, the newest first."""
    now = rank(updates, current)
    allowed = parse_range(updates.semver) if updates.semver is not None else None
    ranked = {tag: place for tag in tags if (place := rank(updates, tag)) is not None}
    found = [
        tag
        for tag, place in ranked.items()
        if now is not None and place > now and (allowed is None or place[0] in allowed)
    ]
    return sorted(found, key=lambda tag: (ranked[tag], tag), reverse=True)


def _semver(tag: str) -> tuple[Any, ...] | None:
    found = parse_version(tag)
    return (found,) if found is not None else None


def _build(tag: str) -> tuple[Any, ...] | None:
    found = _BUILD.fullmatch(tag)
    return (int(found[1]),) if found is not None else None


def _date(tag: str) -> tuple[Any, ...] | None:
    found = _DATE.fullmatch(tag)
    return tuple(int(part or 0) for part in found.groups()) if found is not None else None


_READERS: dict[str, Callable[[str], tuple[Any, ...] | None]] = {
    "semver": _semver,
    "build": _build,
    "date": _date,
}
