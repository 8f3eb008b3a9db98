"""The wheel, installed in a repository with packages of the same names as ours: ours run, theirs are left alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.installed import SHADOWS, build_wheel, install, shadow

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]

# What pulumi-language-python-exec does, with mocks in place of the engine; as a file, as it is one.
PROGRAM = """
import json, os, runpy, sys
import pulumi
from pulumi.runtime.mocks import Mocks, set_mocks

registered = []

class Echo(Mocks):
    def call(self, args):
        assert args.token == "pulumi:pulumi:readStackOutputs", args.token
        return {"outputs": {}}
    def new_resource(self, args):
        registered.append(args.name)
        return f"{args.name}-id", args.inputs

@pulumi.runtime.test
def run():
    set_mocks(Echo(), project="shop", stack="prod")
    pulumi.runtime.set_all_config({"shop:identity": "6d1f8b1e-7f65-4a5b-8f5e-0d6e4f8f1c22"})
    pulumi.runtime.settings.SETTINGS.root_directory = os.getcwd()
    runpy.run_path("program", run_name="__main__")

run()
print(json.dumps(registered))
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a repository with code of its own, in which two commands were run."""
    folder = tmp_path_factory.mktemp("repository") / "shop"
    shadow(folder)
    programs = install(build_wheel(tmp_path_factory.mktemp("wheel")), folder)
    run(folder, str(programs / "envs"), "init", "--app", "web")
    return folder


def run(folder: Path, *command: str) -> str:
    """Run a program that must end well; returns what it printed."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_command_previews_what_it_wrote(repository: Path) -> None:
    previewed: dict[str, Any] = json.loads(run(repository, ".venv/bin/envs", "preview", "--format", "json"))

    assert [one["name"] for one in previewed["environments"]] == ["qa", "e2e", "prod"]
    assert all((repository / name / "__init__.py").is_file() for name in SHADOWS)


def test_the_program_registers_the_environment_of_its_stack(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "exec.py").write_text(PROGRAM)

    printed = run(repository, ".venv/bin/python", str(tmp_path / "exec.py"))

    registered = json.loads(printed.splitlines()[-1])
    rendered = [yaml.safe_load(path.read_text()) for path in (repository / "rendered/prod").rglob("*.yaml")]
    assert {item["metadata"]["name"] for item in rendered} == {
        name.rpartition("/")[2] for name in registered if "/" in name
    }


def test_a_wheel_of_this_machine_is_a_requirement_to_be_filled_in(repository: Path) -> None:
    assert "git.example.com" in (repository / "requirements.txt").read_text()
