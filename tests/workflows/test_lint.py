"""The workflows are what actionlint and zizmor accept, pinned, and with no more rights than they name."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.clusters import MACHINE
from tests.programs import built
from tests.tree import TREE

GITHUB = TREE / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FILES = [*WORKFLOWS, *sorted((GITHUB / "actions").glob("*/action.yml"))]
MODULE = Path(__file__).with_name("actionlint")
PINNED = re.compile(r"uses: (\./\.github/actions/[a-z-]+|[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")


@pytest.mark.slow
def test_actionlint_has_nothing_to_say() -> None:
    done = subprocess.run(
        [built(MODULE), "-no-color", *map(str, WORKFLOWS)], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.slow
def test_zizmor_has_nothing_to_say() -> None:
    """Offline; each exception has its reason beside it, or in .github/zizmor.yml."""
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or shutil.which("zizmor")
    if program is None:
        pytest.skip(f"{MACHINE} run zizmor: install it with pip")
    done = subprocess.run(
        [program, "--offline", "--no-progress", "--color", "never", str(GITHUB)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_exceptions_from_zizmor_have_a_reason() -> None:
    lines = [line for path in FILES for line in path.read_text().splitlines() if "zizmor: ignore" in line]
    assert lines
    assert all(re.search(r"zizmor: ignore\[[a-z-]+\] \S+ \S+ \S+", line) for line in lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_actions_are_pinned_by_commit(path: Path) -> None:
    lines = [line.strip().removeprefix("- ") for line in path.read_text().splitlines()]
    assert [line for line in lines if line.startswith("uses:") and not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_no_right_that_a_job_does_not_name(path: Path) -> None:
    assert yaml.safe_load(path.read_text())["permissions"] in ({}, {"contents": "read"})


def test_pull_requests_get_no_right_to_write() -> None:
    """And run on `pull_request` alone, which gives forks no secret."""
    document = yaml.safe_load((GITHUB / "workflows/pull-request.yml").read_text())
    assert [*document[True]] == ["pull_request"]  # YAML 1.1 reads the key `on` as true
    assert [job["permissions"] for job in document["jobs"].values() if "permissions" in job] == []


def test_previews_with_a_credential_are_for_branches_and_wait_for_an_approval() -> None:
    """One job alone has secrets: that of the environment `<name>-preview`."""
    jobs = yaml.safe_load((GITHUB / "workflows/pulumi-preview.yml").read_text())["jobs"]
    assert [name for name, job in jobs.items() if "secrets." in str(job)] == ["preview"]
    assert jobs["preview"]["environment"] == "${{ matrix.environment }}-preview"
    assert "github.event.pull_request.head.repo.full_name == github.repository" in jobs["stacks"]["if"]
    assert jobs["preview"]["needs"] == "stacks"
    assert {str(job["permissions"]) for job in jobs.values()} == {"{'contents': 'read'}"}


def test_one_environment_blocks_no_other() -> None:
    """Each has a concurrency group of its own, and a run of its own waits for its approval."""
    document = yaml.safe_load((GITHUB / "workflows/deploy-environment.yml").read_text())
    assert document["concurrency"]["group"] == "deploy-${{ inputs.environment }}"
    assert document["jobs"]["deploy"]["environment"] == "${{ inputs.environment }}"
    assert "concurrency" not in yaml.safe_load((GITHUB / "workflows/deploy.yml").read_text())


def test_a_person_can_start_a_deployment_with_what_the_page_says() -> None:
    """`gh workflow run` fails for inputs that a workflow does not have."""
    inputs = yaml.safe_load((GITHUB / "workflows/deploy-environment.yml").read_text())[True][
        "workflow_dispatch"
    ]["inputs"]
    assert {"environment", "commit"} <= {*inputs}
    assert [name for name, each in inputs.items() if each.get("required")] == ["environment"]
