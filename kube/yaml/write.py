"""Plain data in, YAML out: the one form in which manifests are reviewed, the same bytes every time.

Measured on rendered Deployments, PyYAML's C emitter needs several times as long (`make bench`), because
it builds a node for each scalar; we emit only what manifests hold, and read it back with PyYAML in tests.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

# Words that no YAML version reads as anything but text.
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@-]*(:[A-Za-z0-9_./@-]+)*")
_RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
# What YAML 1.1 cannot hold as it is, or reads as a line break.
_UNPRINTABLE = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def to_yaml(value: dict[str, Any]) -> str:
    """Write one document: block style, keys as they come, two spaces a level.

    `value` holds dict, list, str, int, float, bool and None. Keys are at most 1,024 characters long, as in
    all of Kubernetes; YAML would need another form for longer ones.
    """
    lines: list[str] = []
    _mapping(value, "", "", lines)
    return "\n".join(lines or ["{}"]) + "\n"


def _mapping(value: dict[str, Any], indent: str, first: str, lines: list[str]) -> None:
    """Write a mapping; `first` stands before its first key: the indent, or the dash of a list."""
    prefix = first
    deeper = f"{indent}  "
    for key, item in value.items():
        if isinstance(item, str):  # most of them
            lines.append(f"{prefix}{_scalar(key)}: {_text(item, indent)}")
        elif item and isinstance(item, dict):
            lines.append(f"{prefix}{_scalar(key)}:")
            _mapping(item, deeper, deeper, lines)
        elif item and isinstance(item, list):
            lines.append(f"{prefix}{_scalar(key)}:")
            _list(item, indent, lines)
        else:
            lines.append(f"{prefix}{_scalar(key)}: {_leaf(item)}")
        prefix = indent


def _list(value: list[Any], indent: str, lines: list[str]) -> None:
    for item in value:
        if item and isinstance(item, dict):
            _mapping(item, f"{indent}  ", f"{indent}- ", lines)
        elif item and isinstance(item, list):
            lines.append(f"{indent}-")
            _list(item, f"{indent}  ", lines)
        else:
            lines.append(f"{indent}- {_text(item, indent) if isinstance(item, str) else _leaf(item)}")


def _text(value: str, indent: str) -> str:
    return _block(value, indent) if "\n" in value else _scalar(value)


def _leaf(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return str(int(value))
    return "{}" if isinstance(value, dict) else "[]"


def _float(value: float) -> str:
    """Write a number with a dot: YAML 1.1 reads 1e+16 as text."""
    mantissa, exponent, power = repr(value).partition("e")
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}{exponent}{power}"


@lru_cache(maxsize=8192)
def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return str(text)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _block(text: str, indent: str) -> str:
    """Write lines as lines where YAML can hold them so, else as one quoted string."""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    if not body or body[0] in " \t\n" or _UNPRINTABLE.search(text):
        return _scalar(text)
    mark = {0: "|-", 1: "|"}.get(ends, "|+")
    tail = [""] * max(0, ends - 1)
    return "\n".join([mark, *(f"{indent}  {line}" if line else "" for line in body.split("\n")), *tail])
