"""What a writer does to the files of a root, decided on what the root says now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from envs.config.load import Configuration


@dataclass(frozen=True, slots=True)
class Change:
    """Files of releases as they are to be, and how the commit tells it."""

    environment: str
    files: Mapping[str, bytes]
    """Bytes by path below the root."""
    subject: str
    """First line of the commit message."""
    body: str = ""


Decide = Callable[[Configuration], Change]
"""Decides a change on a configuration; it is asked again where somebody else was first."""
