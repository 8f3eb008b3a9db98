"""The projects that define image references and Pod Security, asked through a small Go program built here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from tests.programs import built

MODULE = Path(__file__).with_name("oracle")


def oracle() -> Path:
    """Build the program once for its sources; skip the test where there is no Go."""
    return built(MODULE)


def ask(about: Literal["references", "pods"], values: Iterable[Any]) -> list[str]:
    """Ask about each value; returns a line for each."""
    lines = "".join(f"{json.dumps(value)}\n" for value in values)
    done = subprocess.run(
        [oracle(), about], input=lines, capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.split("\n")[:-1]
