"""The real engine runs the program and the policy pack that `envs init` writes, from the installed wheel."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from envs.review.comment.stacks import read_events
from tests.engine.command import Project
from tests.installed import build_wheel, install, shadow
from tests.workflows.steps import Runner

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("installed")]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a project that installs the wheel, in a repository with packages of the same names as ours."""
    folder = tmp_path_factory.mktemp("repository") / "shop"
    shadow(folder)
    programs = install(build_wheel(tmp_path_factory.mktemp("wheel")), folder)
    command = [str(programs / "envs"), "init", "--app", "web"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return Project(folder)


@pytest.mark.parametrize("name", ["qa", "prod"])
def test_the_engine_previews_a_new_root_with_its_policy_pack(installed: Project, name: str) -> None:
    stack_file = installed.folder / f"environments/stacks/Pulumi.{name}.yaml"
    before = stack_file.read_bytes()
    installed.succeed("stack", "init", name)

    printed = installed.succeed("preview", "--stack", name, "--policy-pack", "policy-pack")

    assert f"web-{name}/apps/Deployment/web" in printed
    assert "environments@v" in printed
    assert stack_file.read_bytes() == before


def test_the_action_of_a_new_root_previews_it_without_a_credential(
    installed: Project, tmp_path: Path
) -> None:
    """As for a fork."""
    file = installed.folder / ".github/actions/environments-pulumi/action.yml"
    lines = yaml.safe_load(file.read_text())["runs"]["steps"][-1]["run"]
    runner = Runner.of(installed.folder, tmp_path / "runner")

    done = runner.run(lines, COMMAND="preview", STACK="e2e", GIVEN_BACKEND="", KUBECONFIG=os.devnull)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "web-e2e/apps/Deployment/web" in done.stdout
    assert "environments@v" in done.stdout
    (report,) = read_events(Path(runner.output()["events"]).read_bytes(), "events")
    assert {*report.counts} == {"create"}


def test_the_policy_pack_of_a_new_root_judges(installed: Project) -> None:
    """The program refuses first, so the pack is asked about the program of somebody else."""
    program = installed.folder / "program/__main__.py"
    program.write_text(
        "import pulumi\n"
        'pod = {"containers": [{"name": "web", "image": "docker.io/library/nginx:latest"}]}\n'
        'item = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": pod}\n'
        'pulumi.CustomResource("kubernetes:core/v1:Pod", "web", item)\n'
    )
    installed.succeed("stack", "init", "other")

    done = installed.run("preview", "--stack", "other", "--policy-pack", "policy-pack")

    assert done.returncode != 0
    assert "images-are-pinned" in done.stdout
    assert "of the user was imported" not in done.stdout + done.stderr
