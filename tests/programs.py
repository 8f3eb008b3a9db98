"""Go programs for tests: built once for their sources, from the modules that their go.sum pins."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from tests.clusters import MACHINE
from tests.tree import TREE

_LONGEST_BUILD = 400  # seconds


def built(module: Path) -> Path:
    """Build the main package of a module, named after its folder; skip the test where that cannot be done."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(module.iterdir()))).hexdigest()
    program = TREE / ".tools" / module.name / digest[:16]
    if program.exists():
        return program
    program.parent.mkdir(parents=True, exist_ok=True)
    unfinished = program.with_suffix(f".{os.getpid()}")
    command = ["go", "build", "-trimpath", "-o", str(unfinished), "."]
    environment = {**os.environ, "CGO_ENABLED": "0"}
    try:
        subprocess.run(command, cwd=module, env=environment, check=True, timeout=_LONGEST_BUILD)
    except FileNotFoundError:
        pytest.skip(f"{MACHINE} compile Go: install it from https://go.dev/dl")
    except subprocess.CalledProcessError:
        pytest.skip(f"{module.name} cannot be built; Go has said why: often its modules cannot be reached")
    except subprocess.TimeoutExpired:
        pytest.skip(f"{module.name} was not built within {_LONGEST_BUILD} s")
    unfinished.rename(program)
    return program
