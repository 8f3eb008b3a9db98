"""Reads verbatim parts of Kubernetes objects in layers by YAML 1.2, as plain data with origins.

kubectl reads YAML 1.1, where `yes` is true and `0400` is 256; what the two read differently is a fault.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from envs.config.layers.merge import is_verbatim
from envs.config.reading.events import Node
from envs.config.reading.faults import Fault, quoted
from envs.config.reading.origin import Text, with_origin
from envs.config.reading.paths import Path, dotted

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_NUMBER_OF_SOME = re.compile(
    r"[-+]?(0[xob][0-9a-f_]+|[0-9][0-9_]*(\.[0-9_]*)?(e[-+]?[0-9]+)?|\.[0-9][0-9_]*(e[-+]?[0-9]+)?|\.inf)|\.nan",
    re.IGNORECASE,
)
_WORDS_OF_SOME = {
    **dict.fromkeys(("yes", "on", "y"), "true"),
    **dict.fromkeys(("no", "off", "n"), "false"),
    "true": "true",
    "false": "false",
    "null": "null",
}
_LARGEST_INTEGER = 2**63 - 1  # Kubernetes' JSON decoder knows no larger one
_LONGEST_NUMBER = 40


def untyped(node: Node) -> Any:
    """Turn a node into plain data, unquoted scalars read by the core schema of YAML 1.2."""
    if isinstance(node.value, dict):
        return {key: untyped(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [untyped(child) for child in node.value]
    value = _scalar(node.value) if node.plain and node.value is not None else node.value
    return with_origin(value, node.origin)


def verbatim_faults(node: Node, path: Path = ()) -> Iterator[Fault]:
    """Find unquoted scalars of Kubernetes objects that YAML 1.1 and 1.2 read differently."""
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from verbatim_faults(child, (*path, key))
    elif isinstance(node.value, list):
        for number, child in enumerate(node.value):
            yield from verbatim_faults(child, (*path, str(number)))
    elif node.plain and node.value is not None and is_verbatim(path):
        problem = _problem(node.value)
        if problem:
            yield Fault(node.origin, dotted(path), problem)


def _scalar(text: Text) -> Any:
    if text in {"true", "false"}:
        return text == "true"
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _problem(text: Text) -> str:
    meant = _WORDS_OF_SOME.get(text.lower())
    if meant and text not in {"true", "false"}:
        advice = f"write {meant}, or put it in quotes"
        return f"{quoted(text)} is text to some readers of YAML and {meant} to others; {advice}"
    if not _NUMBER_OF_SOME.fullmatch(text):
        return ""
    if not _NUMBER.fullmatch(text):
        return (
            f"{quoted(text)} is not the same number to all readers of YAML; write it in plain decimal digits, "
            "or put it in quotes if it is text"
        )
    number = _scalar(text)
    if isinstance(number, str) or not math.isfinite(number) or abs(number) > _LARGEST_INTEGER:
        return f"{quoted(text)} is too large for a number in Kubernetes; put it in quotes if it is text"
    return ""
