"""The text of a file and the places in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from kube.yaml.faults import DocumentError, Fault
from kube.yaml.origin import Origin

# What YAML takes for the end of a line (https://yaml.org/spec/1.1/#id871136).
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
# What YAML does not allow (https://yaml.org/spec/1.2.2/#51-character-set).
_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class SourceText:
    """The text of a file, under the name that its places carry."""

    name: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_END.finditer(self.text))]

    def place(self, index: int) -> Origin:
        """Line and column of a character."""
        line = bisect_right(self._starts, index)
        return Origin(self.name, line, index - self._starts[line - 1] + 1)

    def not_allowed(self) -> Fault | None:
        """Name the first character that YAML does not allow; None where there is none."""
        found = _NOT_ALLOWED.search(self.text)
        return self.invisible(found.start()) if found else None

    def invisible(self, index: int) -> Fault:
        """Refuse a character that people cannot see."""
        code = f"U+{ord(self.text[index]):04X}"
        message = f'has the invisible character {code}; delete it, or write it as an escape in "…"'
        return Fault(self.place(index), "", message)


def decode(data: bytes, name: str, most: int) -> SourceText:
    """Take the bytes of a file for UTF-8, a byte order mark aside; raises DocumentError, also above `most` bytes."""
    if len(data) > most:
        message = f"has more than {most:,} bytes, the most that is read; split the file"
        raise DocumentError(Fault(Origin(name, 1, 1), "", message))
    try:
        return SourceText(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        place = SourceText(name, before).place(len(before))
        raise DocumentError(Fault(place, "", "is not UTF-8 here; save the file as UTF-8")) from error


def name_fault(name: str) -> Fault | None:
    """Refuse the name of a file that is not UTF-8, which no report, log or status can hold."""
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = name.encode(errors="surrogateescape").decode(errors="backslashreplace")
        return Fault(Origin(shown), "", "has a name that is not UTF-8; rename the file")
    return None
