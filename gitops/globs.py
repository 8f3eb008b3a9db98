"""Anchored globs, which match whole values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = (_WILD.get(token) or re.escape(token) for token in _TOKEN.findall(pattern))
    return re.compile("".join(parts), re.DOTALL)


def matches(pattern: str, value: str) -> bool:
    """Tell whether the pattern matches the whole value; `*` and `?` stop at a slash, `**` does not."""
    return _expression(pattern).fullmatch(value) is not None


def any_matches(patterns: Iterable[str], value: str) -> bool:
    """Tell whether one of the patterns matches the whole value; no pattern, no match."""
    return any(matches(pattern, value) for pattern in patterns)
