"""Exit codes of `envs`, the same for every command."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of a command; with several reasons, the first of 70, 2, 3, 5, 4, 1."""

    FINE = 0
    FOUND = 1
    """Findings, or differences where a check expects none."""
    BAD_INPUT = 2
    REFUSED = 3
    UNHEALTHY = 4
    OUTSIDE_FAILED = 5
    """Git, an API server or the file system failed."""
    OUR_FAULT = 70
    INTERRUPTED = 130
    """Control-C: 128 and SIGINT, as in shells."""
    UNREAD = 141
    """The reader has closed the pipe: 128 and SIGPIPE, as in shells."""


class CommandError(Exception):
    """Ends a command with a message for people and an exit code."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.code = code
