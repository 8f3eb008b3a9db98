"""Paths of values in documents: tuples of steps in the program, dotted text for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

Path = tuple[str, ...]

_WORD = re.compile(r"[A-Za-z0-9_*-]+")
_STEP = re.compile(r'\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\[(?P<bracketed>[^\]"][^\]]*)\]|(?P<word>[^.\[\]]+)')


def dotted(path: Iterable[Any]) -> str:
    """Write a path for people: `apps.shop.config[/etc/app.conf]`; `steps` reads it back."""
    text = ""
    for step in map(str, path):
        if _WORD.fullmatch(step):
            text += f".{step}" if text else step
        elif not step or step.startswith('"') or "]" in step or not step.isprintable():
            text += f"[{json.dumps(step)}]"
        else:
            text += f"[{step}]"
    return text


def steps(text: str) -> Path:
    """Read a dotted path; keys with dots are in brackets. Raises ValueError with the place."""
    found: list[str] = []
    position = 0
    while position < len(text):
        if found and text[position] == ".":
            position += 1
        match = _STEP.match(text, position)
        if match is None or (match["word"] is not None and found and text[position - 1] != "."):
            raise ValueError(
                f'"{text}" is not a path at character {position + 1}; write apps.shop.config[/etc/app.conf]'
            )
        quoted = match["quoted"]
        found.append(json.loads(f'"{quoted}"') if quoted is not None else match["bracketed"] or match["word"])
        position = match.end()
    if not found or text.endswith("."):
        raise ValueError(f'"{text}" is not a path; write it like apps.shop.quota.cpu')
    return tuple(found)
