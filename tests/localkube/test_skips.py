"""A test that cannot run is skipped with a reason; in CI only the machine is an accepted one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clusters import MACHINE

pytestmark = pytest.mark.slow


def test_a_skip_is_a_failure_in_ci(tmp_path: Path) -> None:
    assert "1 failed" in _run(tmp_path, "Go is missing", ci="true")


def test_what_the_machine_cannot_do_is_skipped_even_in_ci(tmp_path: Path) -> None:
    assert "1 skipped" in _run(tmp_path, f"{MACHINE} run pods: no root", ci="true")


def test_a_skip_elsewhere_is_a_skip(tmp_path: Path) -> None:
    assert "1 skipped" in _run(tmp_path, "Go is missing", ci="")


def _run(folder: Path, reason: str, *, ci: str) -> str:
    """Run one test that is skipped for this reason, and return what pytest says."""
    (folder / "pytest.ini").touch()
    (folder / "test_one.py").write_text(f"import pytest\n\ndef test_one():\n    pytest.skip({reason!r})\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", str(folder)]
    environment = {**os.environ, "CI": ci}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    ).stdout
