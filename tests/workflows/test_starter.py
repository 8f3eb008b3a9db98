"""The workflows that `envs init` writes: the steps of this project's own, for the installed package."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.command import envs, git, make_repository
from tests.programs import built
from tests.workflows.steps import Runner, document
from tests.workflows.test_lint import GITHUB, MODULE
from tools.install_pulumi import CHECKSUMS, VERSION

NAMES = ("comment", "deploy", "deploy-environment", "drift")
OWN_WORDS = {  # what a step of this project says -> what that of a new repository says
    "python3 -m envs.drift_issue": ".venv/bin/python -P -m envs.drift_issue",
    "$GITHUB_WORKSPACE/.tools/pulumi": "$RUNNER_TEMP/pulumi",
    '"$GITHUB_WORKSPACE/policies"': '"$PWD/policy-pack"',
    "make pulumi": None,  # downloads it in the step itself
}
FORMS = ("push", "pull", "folder")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write a root of each form; returns the tops of their repositories."""
    tops = {form: make_repository(tmp_path_factory.mktemp(form) / "shop") for form in FORMS}
    roots = {**tops, "folder": tops["folder"] / "deploy"}
    for form, root in roots.items():
        delivery = "pull" if form == "pull" else "push"
        assert envs("init", "--app", "web", "--delivery", delivery, root=root).code == 0
    return tops


def workflow(top: Path, name: str) -> dict[Any, Any]:
    """Read a workflow of a new repository by the name that this project has for it."""
    found: dict[Any, Any] = yaml.safe_load((top / f".github/workflows/environments-{name}.yml").read_text())
    return found


def action(top: Path) -> dict[str, Any]:
    """Read the action that runs Pulumi."""
    found: dict[str, Any] = yaml.safe_load(
        (top / ".github/actions/environments-pulumi/action.yml").read_text()
    )
    return found


def scripts(jobs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the lines of each step with its job and name."""
    for job, each in jobs.items():
        for step in each["steps"]:
            if "run" in step:
                yield f"{job}/{step.get('name', step['run'])}", step["run"]


def in_a_new_repository(lines: str) -> str:
    """Return the lines of a step as they are in a new repository."""
    for own, other in OWN_WORDS.items():
        lines = lines.replace(own, other or own)
    return re.sub(r"\b(deploy|deploy-environment)\.yml", r"environments-\1.yml", lines)


@pytest.mark.parametrize("name", NAMES)
def test_their_steps_are_those_of_this_project(written: dict[str, Path], name: str) -> None:
    """So that what the tests show of the ones holds for the others."""
    own = {key: in_a_new_repository(lines) for key, lines in scripts(document(f"{name}.yml")["jobs"])}
    assert dict(scripts(workflow(written["pull"], name)["jobs"])) == own
    assert dict(scripts(workflow(written["push"], name)["jobs"])).items() <= own.items()


def test_pulumi_runs_with_the_settings_of_this_project(written: dict[str, Path]) -> None:
    own, other = document("pulumi")["runs"]["steps"], action(written["push"])["runs"]["steps"]
    assert [step["name"] for step in own] == [step["name"] for step in other]
    for ours, theirs in zip(own[1:], other[1:], strict=True):
        assert theirs["run"] == in_a_new_repository(ours["run"])
        assert theirs["env"] == ours["env"]
    for word in ("PULUMI_SKIP_CHECKPOINTS=true", "--continue-on-error", "--policy-pack"):
        assert word in other[-1]["run"]


def test_each_environment_has_a_run_and_a_concurrency_group_of_its_own(written: dict[str, Path]) -> None:
    deployment = workflow(written["push"], "deploy-environment")
    assert deployment["concurrency"]["group"] == "environments-deploy-${{ inputs.environment }}"
    assert deployment["jobs"]["deploy"]["environment"] == "${{ inputs.environment }}"
    assert "concurrency" not in workflow(written["push"], "deploy")


def test_the_comment_listens_to_the_names_of_the_two_that_write_one(written: dict[str, Path]) -> None:
    found = workflow(written["push"], "comment")
    names = [workflow(written["push"], name)["name"] for name in ("pull-request", "pulumi-preview")]
    assert found[True]["workflow_run"]["workflows"] == names  # YAML 1.1 reads the key `on` as true
    assert names[1] in found["jobs"]["post"]["env"]["HAS_STEPS"]


def test_without_a_pulled_app_nothing_may_push_but_the_record(written: dict[str, Path]) -> None:
    rights = {
        form: [job["permissions"].get("contents") for job in found["jobs"].values()]
        for form in ("push", "pull")
        for found in [workflow(written[form], "deploy-environment")]
    }
    assert rights == {
        "push": ["read", "read", "write", None],
        "pull": ["read", "write", "write", None],
    }


def test_in_a_folder_no_step_runs_there_before_it_is_checked_out(written: dict[str, Path]) -> None:
    """A runner cannot start a step in a folder that does not exist."""
    for path in (written["folder"] / ".github/workflows").iterdir():
        found = yaml.safe_load(path.read_text())
        folder = found["defaults"]["run"].get("working-directory") if "defaults" in found else None
        for job in found["jobs"].values():
            exists = folder is None
            for step in job["steps"]:
                exists = exists or step.get("uses", "").startswith("actions/checkout@")
                assert exists or "run" not in step or step.get("working-directory") == ".", (path.name, step)


def test_pulumi_is_the_release_that_this_project_is_tested_with(
    written: dict[str, Path], tmp_path: Path
) -> None:
    """And nothing is unpacked that has another checksum."""
    lines = action(written["push"])["runs"]["steps"][0]["run"]
    assert CHECKSUMS["linux-x64"] in lines
    assert {*re.findall(r"v(\d+\.\d+\.\d+)", lines)} == {VERSION}
    runner = Runner.of(tmp_path / "checkout", tmp_path / "runner")
    curl = runner.temporary / "bin/curl"
    curl.write_text(f'#!/bin/sh\necho other > "$RUNNER_TEMP/pulumi-v{VERSION}-linux-x64.tar.gz"\n')
    curl.chmod(0o755)
    done = runner.run(lines)
    assert done.returncode != 0
    assert "did NOT match" in done.stderr
    assert not (runner.temporary / "pulumi").exists()


@pytest.mark.slow
def test_the_comment_is_written_with_and_without_the_steps_of_pulumi(
    written: dict[str, Path], tmp_path: Path
) -> None:
    """In a root that is a folder of its repository."""
    root = tmp_path / "shop/deploy"
    shutil.copytree(written["folder"], tmp_path / "shop")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "start")
    urn = "urn:pulumi:qa::shop::kubernetes:v1:Service::web-qa/Service/web"
    event = f'{{"resourcePreEvent":{{"metadata":{{"op":"delete","urn":"{urn}"}}}}}}\n'
    for name, job, step, shown in (
        ("pull-request", "environments", "What changes, as a comment", False),
        ("pulumi-preview", "comment", "The comment, with the steps of Pulumi", True),
    ):
        runner = Runner.of(root, tmp_path / name)
        (runner.temporary / "steps").mkdir()
        (runner.temporary / "steps/qa.json").write_text(event)
        steps = workflow(written["folder"], name)["jobs"][job]["steps"]
        (lines,) = [each["run"] for each in steps if each.get("name") == step]
        done = runner.run(lines, BASE="HEAD")
        assert done.returncode == 0, done.stderr
        text = (runner.temporary / "comments/comment-1.md").read_text()
        assert text.startswith("<!-- envs comment deploy -->\n")
        assert ("Pulumi: delete" in text) == shown


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_actionlint_and_zizmor_have_nothing_to_say(written: dict[str, Path], form: str) -> None:
    """With the one exception that this project takes from zizmor, too."""
    folder = written[form] / ".github"
    files = [str(path) for path in (folder / "workflows").iterdir()]
    done = subprocess.run([built(MODULE), "-no-color", *files], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or "zizmor"
    words = ("--offline", "--no-progress", "--color", "never", "--config", str(GITHUB / "zizmor.yml"))
    done = subprocess.run([program, *words, str(folder)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
