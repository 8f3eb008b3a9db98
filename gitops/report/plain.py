"""Lines of a log: what a source or a server says can neither end a line nor speak to a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def json_line(values: Mapping[str, Any]) -> str:
    """Write values as one line of JSON, with everything escaped that cannot be printed."""
    text = json.dumps(values, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)


def plain_line(text: str) -> str:
    """Escape what cannot be printed in a line for people."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )
