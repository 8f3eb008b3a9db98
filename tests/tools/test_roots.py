"""The roots of a repository: found by what is in them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.command import make_environments
from tests.roots import make_root
from tests.tree import TREE
from tools.roots import roots, stacks


def test_folders_with_layers_are_roots_and_others_are_not(tmp_path: Path) -> None:
    make_environments(tmp_path)
    make_root(tmp_path / "examples/b")
    (tmp_path / "examples/a/environments").mkdir(parents=True)

    assert roots(tmp_path) == [tmp_path, tmp_path / "examples/b"]
    assert [*stacks(tmp_path)] == [
        {"root": ".", "environment": "qa"},
        {"root": ".", "environment": "e2e"},
        {"root": ".", "environment": "prod"},
        {"root": "examples/b", "environment": "qa"},
    ]


def test_a_matrix_of_jobs_is_one_line_of_json(tmp_path: Path) -> None:
    make_root(tmp_path)
    assert json.loads(_run(tmp_path, "--stacks").stdout) == [{"root": ".", "environment": "qa"}]
    assert _run(tmp_path).stdout == ".\n"


def test_no_root_at_all_is_an_error_since_checks_of_nothing_would_pass(tmp_path: Path) -> None:
    done = _run(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no folder with environments/" in done.stderr


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TREE / "tools/roots.py"), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
