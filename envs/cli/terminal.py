"""Text for people in, bytes for a terminal or a file out: colours and line breaks only where they help."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from envs.cli.options import write

_MARKS = {"", "+", "-", "~"}  # they stay with the word behind them
_HANGING = 2  # columns by which the rest of a line stands further right


def print_text(text: Text) -> None:
    """Print for people: on a terminal in colour, its lines broken between words; else every line as it is.

    NO_COLOR and FORCE_COLOR are honoured: https://no-color.org, https://force-color.org.
    """
    screen = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    lines = list(text.split("\n", allow_blank=True))
    if sys.stdout.isatty():
        lines = [part for line in lines for part in wrapped(line, screen.width)]
    with screen.capture() as captured:
        screen.print(Text("\n").join(lines), end="")
    write(captured.get())


def wrapped(line: Text, width: int) -> Iterator[Text]:
    """Break a line between words; a word that is longer than a line, such as a path, stays whole."""
    start = len(line.plain) - len(line.plain.lstrip())
    indent = min(start + _HANGING, width // 2)
    first, *others = line.divide(_breaks(line.plain, width, indent))
    first.rstrip()
    yield first
    for part in others:
        part.rstrip()
        yield Text(" " * indent).append_text(part)


def _breaks(line: str, width: int, indent: int) -> list[int]:
    """Find the words that start a line of their own, by their place."""
    places: list[int] = []
    row, margin = 0, 0  # where the row starts, and how far it is moved to the right
    for word in re.finditer(r"\S+", line):
        is_first = line[row : word.start()].strip() in _MARKS
        if not is_first and margin + cell_len(line[row : word.end()]) > width:
            places.append(word.start())
            row, margin = word.start(), indent
    return places
