"""The projects that define image references and Pod Security, asked through a small Go program built here."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.clusters import MACHINE
from tests.tree import TREE

MODULE = Path(__file__).with_name("oracle")
CACHE = TREE / ".tools" / "oracle"
LONGEST_BUILD = 400  # seconds


def oracle() -> Path:
    """Build the program once for its sources; skip the test where there is no Go."""
    digest = hashlib.sha256()
    for path in sorted(MODULE.iterdir()):
        digest.update(path.read_bytes())
    program = CACHE / digest.hexdigest()[:16]
    if not program.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        unfinished = program.with_suffix(f".{os.getpid()}")
        command = ["go", "build", "-trimpath", "-o", str(unfinished), "."]
        environment = {**os.environ, "CGO_ENABLED": "0"}
        try:
            subprocess.run(command, cwd=MODULE, env=environment, check=True, timeout=LONGEST_BUILD)
        except FileNotFoundError:
            pytest.skip(f"{MACHINE} compile Go: install it from https://go.dev/dl")
        except subprocess.CalledProcessError:
            pytest.skip("the program cannot be built; Go has said why: often its modules cannot be reached")
        unfinished.rename(program)
    return program


def ask(about: Literal["references", "pods"], values: Iterable[Any]) -> list[str]:
    """Ask about each value; returns a line for each."""
    lines = "".join(f"{json.dumps(value)}\n" for value in values)
    done = subprocess.run(
        [oracle(), about], input=lines, capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.split("\n")[:-1]
