"""Kubernetes quantities as numbers, to compare and add them.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

_UNITS = {"": Fraction(1), "m": Fraction(1, 1000), "k": Fraction(1000)}
_UNITS |= {unit: Fraction(1000 ** (n + 2)) for n, unit in enumerate("MGTPE")}
_UNITS |= {f"{unit}i": Fraction(1024 ** (n + 1)) for n, unit in enumerate("KMGTPE")}
_MEBIBYTE = 1024 * 1024


@lru_cache
def number(quantity: str) -> Fraction:
    """Value of a quantity such as 500m, 1.5 or 256Mi; raises ValueError for anything else."""
    match = re.fullmatch(r"([0-9]*\.?[0-9]+)([A-Za-z]{0,2})", quantity)
    if match is None or match[2] not in _UNITS:
        raise ValueError(f'"{quantity}" is not a quantity')
    return Fraction(match[1]) * _UNITS[match[2]]


def int_or_string(text: str | None) -> int | str | None:
    """Write a number or a percentage as fields of the type IntOrString take it: 1, or 25% as text."""
    return text if text is None or text.endswith("%") else int(text)


def cores(value: Fraction) -> str:
    """Write CPU for people: 2 or 2100m."""
    return str(value) if value.denominator == 1 else f"{round(value * 1000)}m"


def mebibytes(value: Fraction) -> str:
    """Write bytes for people, as memory and storage are written: 512Mi."""
    return f"{round(value / _MEBIBYTE)}Mi"
