"""Bounds of what is written about an application, so that no source can make a record too large to be kept."""

from __future__ import annotations

LARGEST_MESSAGE = 64 * 1024  # characters of a status; a ConfigMap holds 1 MiB


def bounded(text: str, most: int = LARGEST_MESSAGE) -> str:
    """Keep as many lines as fit, and say how many do not."""
    if len(text) <= most:
        return text
    kept = text[:most].rpartition("\n")[0] or text[:most]
    left = text.count("\n", len(kept) + 1) + 1
    return f"{kept}\nand {left} more lines; the log has all"
