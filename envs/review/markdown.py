"""Text in, Markdown out that shows it as it is: no name, value or message can become markup, a mention or a link."""

from __future__ import annotations

import html
import re

from rich.text import Text

_SPECIAL = re.compile(r"([\\`*_{}\[\]()+!|~<>&$-])")
# What GitHub and GitLab turn into mentions, references and links even where Markdown does not.
_ACTIVE = re.compile(r"[@#]|:(?=//)|(?<=www)(?=\.)|(?<=GH)(?=-)", re.IGNORECASE)
_TICKS = re.compile("`+")
_UNSEEN = "\u200b"


def escaped(text: str) -> str:
    """Escape a text for one line of Markdown: no markup, HTML, mention, reference to an issue, or address."""
    return _SPECIAL.sub(r"\\\1", _inactive(text))


def in_html(text: str) -> str:
    """Escape a text for one line within HTML tags, where backslashes of Markdown mean nothing."""
    return html.escape(_inactive(text))


def _inactive(text: str) -> str:
    return _ACTIVE.sub(lambda found: f"{found[0]}{_UNSEEN}", " ".join(text.split()))


def code(text: str) -> str:
    """Write a text as code in a line: a fence longer than any within it."""
    one_line = " ".join(text.split())
    longest = max((len(ticks) for ticks in _TICKS.findall(one_line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if one_line.startswith("`") or one_line.endswith("`") else ""
    return f"{fence}{pad}{one_line}{pad}{fence}" if one_line else ""


def fenced(text: str) -> str:
    """Write lines as a block of code that nothing within it can end."""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}"


def as_markdown(text: Text) -> str:
    """Write a text for a terminal as a block of Markdown."""
    return fenced(text.plain)
