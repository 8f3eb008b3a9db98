"""What a plain scalar means in a Kubernetes object: what kubectl makes of it.

kubectl reads YAML with sigs.k8s.io/yaml, which is go-yaml 2 and then JSON: the words of YAML 1.1, octal
numbers with 0 and 0o, underscores in numbers; no dates and no times of day (go-yaml v2, resolve.go).
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from math import isinf

from kube.yaml.faults import quoted

Scalar = str | int | float | bool | None

LARGEST_INTEGER = 2**63 - 1  # of Kubernetes' JSON decoder, which rounds larger ones without a word
_LARGEST_WORD = 2**64 - 1  # beyond it, hexadecimal, octal and binary digits are text
_LONGEST_INTEGER = len(str(LARGEST_INTEGER))
_SHORTEST_EXPONENT = 1e21  # from here on Go writes an exponent, and the number stays a float

_WORDS: dict[str, bool | None] = {
    **{word: True for name in ("y", "yes", "true", "on") for word in (name, name.title(), name.upper())},
    **{word: False for name in ("n", "no", "false", "off") for word in (name, name.title(), name.upper())},
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_NO_JSON = frozenset(
    {".nan", ".NaN", ".NAN", *(f"{sign}{inf}" for sign in ("", "+", "-") for inf in (".inf", ".Inf", ".INF"))}
)
_PREFIXED = re.compile(r"[-+]?0([xX][0-9a-fA-F]+|[bB][01]+|[oO]?[0-7]+)")
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class ScalarError(ValueError):
    """A scalar that no Kubernetes object can hold; says what to do instead."""


def read_scalar(text: str) -> Scalar:
    """Return the value of a plain scalar; raises ScalarError for infinities and too large numbers."""
    if text in _WORDS:
        return _WORDS[text]
    return _number(str(text)) if text[0] in "+-.0123456789" else text


@lru_cache(maxsize=1024)
def _number(text: str) -> str | int | float:
    if text in _NO_JSON:
        raise ScalarError(f"{quoted(text)} is not a number in JSON; put it in quotes if it is text")
    plain = text if text[0] == "." else text.replace("_", "")
    if _PREFIXED.fullmatch(plain):
        return _prefixed(text, plain)
    if _DECIMAL.fullmatch(plain):  # 08 and 019, which are not octal, are decimal
        return _bounded(text, int(plain) if len(plain) <= _LONGEST_INTEGER + 1 else None)
    return _float(text, plain) if _FLOAT.fullmatch(plain) else text


def _prefixed(text: str, plain: str) -> str | int:
    sign, digits = plain[:1] if plain[0] in "+-" else "", plain.lstrip("+-")
    if digits.isdecimal():  # 0644
        digits = f"0o{digits}"
    value = int(f"{sign}{digits}", 0) if len(digits) <= LARGEST_INTEGER.bit_length() + 3 else None
    is_octal = plain.lstrip("+-").isdecimal()
    if not is_octal and (value is None or value > _LARGEST_WORD or value < -LARGEST_INTEGER - 1):
        return text
    return _bounded(text, value)


def _bounded(text: str, value: int | None) -> int:
    if value is None or not -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER:
        raise ScalarError(
            f"{quoted(text)} is too large for a number in Kubernetes; put it in quotes if it is text"
        )
    return value


def _float(text: str, plain: str) -> str | int | float:
    """Read as Go does: what overflows is text, and a whole number loses its point on the way through JSON."""
    value = float(plain)
    if isinf(value):
        return text
    if value.is_integer() and abs(value) < _SHORTEST_EXPONENT:
        whole = int(Decimal(repr(value)))
        return whole if abs(whole) <= LARGEST_INTEGER else value
    return value
