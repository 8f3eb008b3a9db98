"""Parts of Kubernetes objects in layers, as plain data with origins, read as Kubernetes reads them.

What YAML 1.2 and JSON read differently from kubectl, which reads `yes` as true and `0400` as 256, is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from envs.config.layers.merge import is_verbatim
from kube.yaml.faults import Fault, quoted
from kube.yaml.origin import Text, with_origin
from kube.yaml.paths import Path, dotted
from kube.yaml.scalars import ScalarError, read_scalar
from kube.yaml.tree import Node

_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
# Numbers of the core schema (https://yaml.org/spec/1.2.2/#1032-tag-resolution).
_CORE_NUMBER = re.compile(
    r"0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.IGNORECASE
)
_WORDS = {"True": "true", "False": "false", "None": "null"}


def untyped(node: Node) -> Any:
    """Turn a node into plain data; a scalar that `verbatim_faults` refuses stays text."""
    if isinstance(node.value, dict):
        return {key: untyped(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [untyped(child) for child in node.value]
    value = _scalar(node.value) if node.plain and node.value is not None else node.value
    return with_origin(value, node.origin)


def verbatim_faults(node: Node, path: Path = ()) -> Iterator[Fault]:
    """Faults for unquoted scalars and keys of Kubernetes objects that not all YAML readers read alike."""
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            below = (*path, key)
            if child.plain_key and is_verbatim(path) and not _is_text(key):
                message = f"the key {quoted(key)} is not text to all readers of YAML; put it in quotes"
                yield Fault(child.key, dotted(path), message)
            yield from verbatim_faults(child, below)
    elif isinstance(node.value, list):
        for number, child in enumerate(node.value):
            yield from verbatim_faults(child, (*path, str(number)))
    elif node.plain and node.value is not None and is_verbatim(path):
        problem = _problem(node.value)
        if problem:
            yield Fault(node.origin, dotted(path), problem)


def _scalar(text: Text) -> Any:
    try:
        return read_scalar(text)
    except ScalarError:
        return text


def _is_text(text: str) -> bool:
    try:
        return isinstance(read_scalar(text), str)
    except ScalarError:
        return False


def _problem(text: Text) -> str:
    try:
        meant = read_scalar(text)
    except ScalarError as error:
        return str(error)
    if isinstance(meant, bool | None):
        return "" if text in {"true", "false"} else _ambiguous_word(text, _WORDS[str(meant)])
    if isinstance(meant, str):
        return _ambiguous_number(text) if _CORE_NUMBER.fullmatch(text) else ""
    return "" if _JSON_NUMBER.fullmatch(text) else _ambiguous_number(text)


def _ambiguous_word(text: str, meant: str) -> str:
    advice = f"write {meant}, or put it in quotes"
    return f"{quoted(text)} is text to some readers of YAML and {meant} to others; {advice}"


def _ambiguous_number(text: str) -> str:
    return (
        f"{quoted(text)} is not the same number to all readers of YAML; write it in plain decimal digits, "
        "or put it in quotes if it is text"
    )
