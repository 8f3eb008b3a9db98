"""What single values of Kubernetes' API may be, as its API server decodes them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from kube.schema.index import FieldType
from kube.suggestion import suggestion
from kube.yaml.faults import quoted

_QUANTITY = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(([KMGTPE]i)|[numkMGTPE]|[eE][+-]?[0-9]+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_BITS: Final = {"int32": 32, "int64": 64}


def scalar_problem(value: Any, of: FieldType) -> str:
    """Say what is wrong with a value of a simple type; empty where nothing is."""
    check = _CHECKS.get(of.word)
    return check(value, of) if check else ""


def described(value: Any) -> str:
    """Name the kind of a value for a message, without the value itself: it may be secret."""
    if isinstance(value, bool):
        return "true or false"
    for types, words in _DESCRIPTIONS:
        if isinstance(value, types):
            return words
    return "empty"


_DESCRIPTIONS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (str, "text"),
    ((int, float), "a number"),
    (dict, "a mapping"),
    (list, "a list"),
)


def _string(value: Any, of: FieldType) -> str:
    if not isinstance(value, str):
        quotes = "" if isinstance(value, dict | list) else "; put it in quotes"
        return f"is {described(value)}, not text{quotes}"
    if of.values and value and value not in of.values:
        known = sorted(of.values - {""})
        return f"{quoted(value)} is not one of {', '.join(known)}{suggestion(value, known)}"
    return ""


def _integer(value: Any, of: FieldType) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return f"is {_not_whole(value)}; write a whole number without quotes"
    bits = _BITS[of.word]
    return "" if -(2 ** (bits - 1)) <= value < 2 ** (bits - 1) else f"does not fit into {bits} bits"


def _not_whole(value: Any) -> str:
    return "not a whole number" if isinstance(value, float) else described(value)


def _number(value: Any, _: FieldType) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"is {described(value)}; write a number without quotes"
    return ""


def _boolean(value: Any, _: FieldType) -> str:
    return "" if isinstance(value, bool) else f"is {described(value)}; write true or false without quotes"


def _quantity(value: Any, _: FieldType) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return f"is {described(value)}; write a quantity such as 100m or 64Mi"
    if isinstance(value, str) and not _QUANTITY.fullmatch(value):
        return f"{quoted(value)} is not a quantity; write for example 100m or 64Mi"
    return ""


def _int_or_string(value: Any, _: FieldType) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return f"is {described(value)}; write a whole number or text"
    return ""


def _time(value: Any, of: FieldType) -> str:
    if isinstance(value, str) and not _TIME.fullmatch(value):
        return f"{quoted(value)} is not a time (RFC 3339); write for example 2026-01-31T09:30:00Z"
    return _string(value, of)


def _bytes(value: Any, of: FieldType) -> str:
    if not isinstance(value, str):
        return _string(value, of)
    try:
        base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        return "is not base64; encode the value, or write it as text where there is a field for text"
    return ""


_CHECKS: Final[Mapping[str, Callable[[Any, FieldType], str]]] = {
    "string": _string,
    "int32": _integer,
    "int64": _integer,
    "number": _number,
    "boolean": _boolean,
    "quantity": _quantity,
    "intOrString": _int_or_string,
    "time": _time,
    "bytes": _bytes,
}
