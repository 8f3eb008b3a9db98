"""The types of single values: each one checks one thing and has one clear message.

Values keep their origin (see `environments.origin`) through validation.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

from environments.cron import cron_problem
from environments.origin import origin_of, with_origin
from policies.image import ImageError, parse_image

LONGEST_LABEL = 63
NONE = "none"  # the word that switches a safe default off


def _keep(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return with_origin(handler(value), origin_of(value))


KEEP = WrapValidator(_keep)


def _like(pattern: str, what: str, example: str, limit: int = 253) -> AfterValidator:
    """Check a string against a whole pattern and a length; `what` and `example` make the message."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if len(text) > limit:
            raise ValueError(f'"{text[:40]}…" has {len(text)} characters; {what} has at most {limit}')
        if not compiled.fullmatch(text):
            raise ValueError(f'"{text}" is not {what}; write {example}')
        return text

    return AfterValidator(check)


def _checked(problem: Callable[[str], str]) -> AfterValidator:
    def check(text: str) -> str:
        message = problem(text)
        if message:
            raise ValueError(message)
        return text

    return AfterValidator(check)


def _boolean(value: Any) -> Any:
    if isinstance(value, str):
        if value not in {"true", "false"}:
            raise ValueError(f'"{value}" is not a boolean; write true or false')
        return value == "true"
    return value


def _whole_number(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"-?(0|[1-9][0-9]{0,15})", value):
        raise ValueError(f'"{value}" is not a whole number')
    return value


def _image_problem(text: str) -> str:
    try:
        parse_image(text)
    except ImageError as error:
        return f'"{text}" is not an image reference: {error}'
    return ""


def _network_problem(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=True)
    except ValueError:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return f'"{text}" is not a CIDR; write an address and a prefix length, like 10.0.0.0/16'
        return f'"{text}" has bits set behind its prefix; write {network}'
    return (
        ""
        if "/" in text
        else f'"{text}" is not a CIDR; write {text}/{ipaddress.ip_address(text).max_prefixlen}'
    )


def _moment_problem(text: str) -> str:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return f'"{text}" is not a point in time; write it like 2026-11-20T10:00:00Z'
    return "" if moment.tzinfo else f'"{text}" has no time zone; write {text}Z for UTC'


def _path_problem(text: str) -> str:
    if text.startswith("/") or ".." in text.split("/"):
        return f'"{text}" leaves the root; write a path below it, without ..'
    return ""


_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_QUANTITY = r"([0-9]+(\.[0-9]+)?|\.[0-9]+)(m|k|[MGTPE]|[KMGTPE]i)?"
_OR_NUMBER = WithJsonSchema({"type": ["string", "number"]})
_OR_SCALAR = WithJsonSchema({"type": ["string", "number", "boolean"]})

String = Annotated[str, _OR_SCALAR, KEEP]
Line = Annotated[str, _like(r"[^\n\r]*\S[^\n\r]*", "one line of text", "some words", limit=1000), KEEP]
Boolean = Annotated[bool, BeforeValidator(_boolean)]
Integer = Annotated[int, BeforeValidator(_whole_number), KEEP]
Count = Annotated[int, BeforeValidator(_whole_number), Field(ge=0, le=100_000), KEEP]
Positive = Annotated[int, BeforeValidator(_whole_number), Field(ge=1, le=100_000), KEEP]
PortNumber = Annotated[int, BeforeValidator(_whole_number), Field(ge=1, le=65535), KEEP]

# DNS label and subdomain: RFC 1123, as in https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
Label = Annotated[
    str,
    _OR_NUMBER,
    _like(_LABEL, "a DNS label", "small letters, digits and dashes, like my-app-2", limit=63),
    KEEP,
]
Subdomain = Annotated[
    str, _like(rf"{_LABEL}(\.{_LABEL})*", "a DNS name", "small letters, digits, dashes and dots"), KEEP
]
PortName = Annotated[
    str,
    _like(
        r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*",
        "a port name",
        "at most 15 small letters, digits, dashes",
        limit=15,
    ),
    KEEP,
]
VariableName = Annotated[str, _like(r"[A-Za-z_][A-Za-z0-9_.-]*", "the name of a variable", "LIKE_THIS"), KEEP]
LabelKey = Annotated[
    str,
    _like(r"([a-z0-9.-]+/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?", "a label", "letters and digits"),
    KEEP,
]
Group = Annotated[
    str,
    _like(
        r"(?!system:)[^\s*]+",
        "a group of your identity provider",
        "its name; groups of system: are not given",
        200,
    ),
    KEEP,
]
Quantity = Annotated[
    str, _OR_NUMBER, _like(_QUANTITY, "a quantity", "a number and a unit, like 500m, 2 or 256Mi"), KEEP
]
Percentage = Annotated[str, _like(r"([1-9][0-9]?|100)%", "a percentage", "70%"), KEEP]
Amount = Annotated[
    str, _OR_NUMBER, _like(r"[0-9]{1,5}|([1-9]?[0-9]|100)%", "a number or a percentage", "1 or 25%"), KEEP
]
Duration = Annotated[
    str, _like(r"(?=[0-9])([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?", "a duration", "30m, 2h10m or 7d"), KEEP
]
Cron = Annotated[str, _checked(cron_problem), KEEP]
Cidr = Annotated[str, _checked(_network_problem), KEEP]
ImageReference = Annotated[str, _checked(_image_problem), KEEP]
Moment = Annotated[str, _checked(_moment_problem), KEEP]
RelativePath = Annotated[
    str, _like(r"[^\0\n]+", "a path", "a path below the root"), _checked(_path_problem), KEEP
]
KindName = Annotated[
    str,
    _like(
        r"([a-z0-9.-]+/)?[A-Z][A-Za-z0-9]*", "a kind", "it with its group, like apps/Deployment or Service"
    ),
    KEEP,
]
AbsolutePath = Annotated[
    str,
    _like(r"/(?!.*(^|/)\.\.(/|$))[^\0\n:]*", "an absolute path in a container", "it like /etc/app/app.conf"),
    KEEP,
]
UrlPath = Annotated[str, _like(r"/[^\s]*", "the path of a URL", "it like /healthz"), KEEP]
Repository = Annotated[
    str,
    _like(
        r"(https://(?![^/]*@)|ssh://|file:///)[^\s]+|[a-z0-9_.-]+@[A-Za-z0-9.-]+:[^\s]+",
        "the address of a Git repository",
        "https://… (without a user or token in it) or ssh://…",
        limit=2000,
    ),
    KEEP,
]
Revision = Annotated[
    str,
    _OR_NUMBER,
    _like(r"(?!-)(?!.*\.\.)[A-Za-z0-9._/-]+", "a Git revision", "a branch, tag, ref or commit"),
    KEEP,
]
Build = Annotated[
    str, _OR_NUMBER, _like(r"[A-Za-z0-9._-]+", "the id of a build", "it like 4711", limit=128), KEEP
]


def duration_seconds(duration: str) -> int:
    """Whole seconds of a Duration such as 2h10m."""
    units = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([dhms])", duration))


def is_label(text: str) -> bool:
    """Whether a text is a DNS label of RFC 1123."""
    return len(text) <= LONGEST_LABEL and re.fullmatch(_LABEL, text) is not None
