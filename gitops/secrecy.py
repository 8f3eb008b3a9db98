"""Keeps secrets out of everything that the job says: what names one, what looks like one, and what stands for one.

A value that must not be shown is replaced by a digest under a key that this process made and never shows, so that
equal values can be recognised in one report and nothing can be guessed from it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from kube.credentials import SHAPES

MASK = "***"
_TELLING = r"pass(?:word|wd|phrase)?|token|secret|credential|api.?key|private.?key"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"  # annotation: a whole object, as text
_NAME = re.compile(rf"{_TELLING}|{re.escape(LAST_APPLIED)}", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:names?|refs?|paths?|seconds|mode)$", re.IGNORECASE
)  # say where it is, not what it is
_NAMING = ("name", "key")  # what names the value beside it, as in a container's `env`
_NAMED = frozenset({"value", "values", "default"})
_DATA = frozenset({"data", "stringData"})  # of a Secret
# Values end before a quote or a backslash, so that JSON stays JSON.
_VALUE = r"[^\s&;,\"'\\]+"
_PLACES = (
    r"(?P<keep>\b(?!ssh://[^\s/@:]*@)[a-z][a-z0-9+.-]{0,20}://)(?P<hide>[^\s/@\"'\\]+)(?=@)",
    rf"(?P<keep>(?:{_TELLING}|signature|auth)[\w.-]{{0,40}}=)(?P<hide>{_VALUE})",
    rf"(?P<keep>\b(?:bearer|basic) )(?P<hide>(?=[^\s]*[0-9=]){_VALUE})",
    # The API server quotes a value that does not fit the schema (structured-merge-diff, value.Value).
    r"(?P<keep>&value\.value\w+\{Value:)(?P<hide>[^}]*)",
    r"(?P<keep>-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)(?P<hide>[A-Za-z0-9+/=\s\\]+)",
)


def names_secret(name: str) -> bool:
    """Tell whether a field of this name holds a secret."""
    return _NAME.search(name) is not None and not _ABOUT.search(name)


def secret_fields(value: Mapping[str, Any]) -> frozenset[str]:
    """Name the fields of a mapping that hold secrets, by their names or by what something beside them says."""
    telling = frozenset(name for name in value if names_secret(str(name)))
    if value.get("kind") == "Secret":
        return telling | _DATA
    named = any(names_secret(str(value.get(name, ""))) for name in _NAMING)
    return telling | _NAMED if named else telling


def secrets_in(value: Any, *, inside: bool = False) -> Iterator[str]:
    """Yield the texts of all secret values in plain data."""
    if isinstance(value, Mapping):
        hidden = secret_fields(value)
        for name, item in value.items():
            held = (inside or name in hidden) and not _ABOUT.search(str(name))
            yield from secrets_in(item, inside=held)
    elif isinstance(value, list):
        for item in value:
            yield from secrets_in(item, inside=inside)
    elif inside and value is not None and not isinstance(value, bool):
        yield str(value)


def scrub(text: str, hidden: Iterable[str] = ()) -> str:
    """Replace what looks like a secret in a text, and the given values wherever they stand alone."""
    for value in sorted({each for each in hidden if each.strip()}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", stand_in(value), text)
    for place in _places() if text else ():
        text = place.sub(lambda found: found["keep"] + stand_in(found["hide"]), text)
    return text


def stand_in(value: Any) -> str:
    """Return what is shown instead of a value: the same for equal values, in this process only."""
    if isinstance(value, str) and value.startswith(MASK):
        return value
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return MASK + hmac.new(_key(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:8]


@cache
def _places() -> tuple[re.Pattern[str], ...]:
    """Compile the patterns when there is something to scrub: a run that has nothing to say needs none."""
    named = (re.compile(pattern, re.IGNORECASE) for pattern in _PLACES)
    return (*named, re.compile(rf"(?P<keep>)(?P<hide>{SHAPES})"))


@cache
def _key() -> bytes:
    return secrets.token_bytes(32)
