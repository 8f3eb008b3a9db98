"""`envs` on a terminal of its own: words and what is typed in, exit code and what the terminal got out."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from fcntl import ioctl
from termios import TIOCSWINSZ

_UNSET = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"}


def on_terminal(
    words: Sequence[str],
    typed: str = "",
    *,
    columns: int = 80,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run the command on a terminal of so many columns; standard error goes to it, too."""
    controller, terminal = pty.openpty()
    ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
    process = subprocess.Popen(
        [sys.executable, "-m", "envs", *words],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**kept, "TERM": "xterm-256color", **(environment or {})},
        start_new_session=True,
    )
    os.close(terminal)
    os.write(controller, typed.encode())
    chunks = []
    while chunk := _read(controller):
        chunks.append(chunk)
    os.close(controller)
    return process.wait(timeout=60), b"".join(chunks).decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # Linux' way to say that the other side of a terminal has closed
        return b""
