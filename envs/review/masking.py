"""Changed fields in, the same without credentials out: a change of one is visible, its value is not."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass
from typing import Any

from kube.credentials import looks_secret
from kube.difference import ABSENT, FieldChange
from policies.subject import steps

_DIGITS = 8
_DATA = frozenset({"data", "stringData"})
_NAMED = frozenset({"value", "values", "default"})
_LINE = re.compile(r"""(\s*(?:-\s+)?(?:export\s+)?["']?(?P<name>[\w.-]+)["']?\s*[:=]\s*)(?P<value>.*)""")


@dataclass(frozen=True, slots=True)
class Mask:
    """Replaces values that look like credentials by a digest with a key.

    Without the key, which ends with the run that made it, nobody can try out what a weak password gives; within
    one run equal values have equal digests.
    """

    key: bytes

    def __call__(self, change: FieldChange, kind: str) -> FieldChange:
        """Mask both sides of a field of an object of a kind, if one of them looks like a credential."""
        sides = (change.old, change.new)
        if any(isinstance(side, str) and "\n" in side for side in sides) and kind != "Secret":
            return FieldChange(change.path, *(self._lines(side) for side in sides))
        if not any(_is_secret(kind, change.path, side) for side in sides):
            return change
        return FieldChange(change.path, *(self._digest(side) for side in sides))

    def _lines(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return "\n".join(map(self._line, value.split("\n")))

    def _line(self, line: str) -> str:
        found = _LINE.fullmatch(line)
        if found and looks_secret(found["name"], found["value"].strip("\"', ")):
            return f"{found[1]}{self._digest(found['value'])}"
        return str(self._digest(line)) if looks_secret("", line) else line

    def _digest(self, value: Any) -> Any:
        if value is ABSENT:
            return value
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
        return f"(hidden, digest {hmac.new(self.key, text.encode(), 'sha256').hexdigest()[:_DIGITS]})"


def _is_secret(kind: str, path: str, value: Any) -> bool:
    if value is ABSENT:
        return False
    words = steps(path)
    if not words:
        return False  # a whole object
    if kind == "Secret" and words[0] in _DATA:
        return True
    if not isinstance(value, str):
        return False
    name = words[-2] if len(words) > 1 and words[-1] in _NAMED else words[-1] if words[0] in _DATA else ""
    flag, _, argument = value.partition("=")
    return looks_secret(name, value) or (flag.startswith("-") and looks_secret(flag, argument))
