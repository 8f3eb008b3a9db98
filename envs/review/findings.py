"""Findings as text in, the same text with colours out."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from policies.context import Level
from policies.rule import Finding

_STYLES = {Level.MANDATORY: "bold red", Level.ADVISORY: "yellow"}


def coloured(written: str, findings: Sequence[Finding]) -> Text:
    """Colour a report that has a line for each finding and a last one that counts them."""
    *lines, counts = written.split("\n")
    text = Text()
    for line, finding in zip(lines, findings, strict=True):
        text.append_text(_line(line, finding)).append("\n")
    stopping = any(finding.level is Level.MANDATORY for finding in findings)
    return text.append(counts, style="bold red" if stopping else "yellow" if findings else "green")


def _line(line: str, finding: Finding) -> Text:
    """Colour the origin, the level and the name of the rule."""
    text = Text(line)
    start = line.find(f"{finding.level}: ")
    text.stylize("dim", 0, start)
    text.stylize(_STYLES[finding.level], start, start + len(finding.level))
    text.stylize("dim", line.rfind(" ["))
    return text
