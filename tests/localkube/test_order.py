"""Long tests come first, so that no worker has one left at the end while the others have none."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TESTS = """\
import pytest

def test_quick():
    pass

@pytest.mark.engine
def test_with_the_engine():
    pass

def test_quick_too():
    pass

@pytest.mark.slow
def test_slow():
    pass
"""


def test_long_tests_come_first_and_all_else_keeps_its_order(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  engine\n  slow\n")
    (tmp_path / "test_some.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-v", "-p", "tests.conftest", "-p", "no:cacheprovider"]

    done = subprocess.run([*command, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=True)

    names = re.findall(r"::(\w+) PASSED", done.stdout)
    assert names == ["test_with_the_engine", "test_slow", "test_quick", "test_quick_too"]
