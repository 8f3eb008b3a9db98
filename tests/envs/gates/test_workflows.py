"""What the workflows run does what they say: their own lines, in a real repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from envs.errors import Exit
from tests.command import git
from tests.envs.gates.releasing import NEW, OLD, release
from tests.tree import TREE

pytestmark = pytest.mark.slow


def steps(workflow: str, job: str) -> list[dict[str, Any]]:
    """Read the steps of a job."""
    document = yaml.safe_load((TREE / ".github/workflows" / workflow).read_text())
    found: list[dict[str, Any]] = document["jobs"][job]["steps"]
    return found


@pytest.mark.parametrize("workflow", ["deploy.yml", "pull-request.yml"])
def test_the_job_that_judges_has_the_whole_history(workflow: str) -> None:
    (checkout,) = [step for step in steps(workflow, "environments") if "checkout@" in step.get("uses", "")]

    assert checkout["with"]["fetch-depth"] == 0


def push(root: Path, before: str) -> subprocess.CompletedProcess[bytes]:
    """Judge a push as the deploy workflow does."""
    (step,) = [step for step in steps("deploy.yml", "environments") if "envs check" in step.get("run", "")]
    assert step["env"] == {"BEFORE": "${{ github.event.before }}"}
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/envs").symlink_to(Path(sys.executable).with_name("envs"))
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(
        command, cwd=root, env={**os.environ, "BEFORE": before}, check=False, capture_output=True
    )


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("main~1", Exit.FOUND),
        ("main", Exit.FINE),
        ("0" * 40, Exit.FINE),
        ("", Exit.FINE),
        ("4" * 40, Exit.BAD_INPUT),
    ],
    ids=["a push", "nothing new", "a first push", "started by hand", "a commit that was pushed over"],
)
def test_what_is_pushed_to_main_is_judged_by_the_history(checkout: Path, before: str, code: Exit) -> None:
    release(checkout, "qa", "1.2.3", OLD)
    release(checkout, "qa", "1.2.3", NEW)
    known = git(checkout, "rev-parse", before) if before.startswith("main") else before

    done = push(checkout, known)

    assert done.returncode == code, done.stderr
    assert (b"[tags-are-never-reused]" in done.stdout) is (code is Exit.FOUND)
