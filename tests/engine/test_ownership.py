"""A stack belongs to one root, and an environment to one cluster: others are refused before anything is registered."""

import json
import shutil
from pathlib import Path

import pytest
from lightkube import Client

from tests.engine.command import Project
from tests.engine.small import SmallProject, exists, small_project, uid_of

pytestmark = pytest.mark.engine

IDENTITY = "6d1f8b1e-7f65-4a5b-8f5e-0d6e4f8f1c22"  # of tests/engine/command.py
OTHER = "0e2d5a44-3f0b-4f43-9f6a-0f7f0c3f5b77"
OTHER_CLUSTER = "11111111-2222-4333-8444-555555555555"


def test_a_second_root_with_the_same_project_name_deletes_nothing_of_the_first(
    api: Client, kubeconfig: Path, tmp_path: Path
) -> None:
    first = small_project(tmp_path / "first", kubeconfig)
    up = ("up", "--yes", "--skip-preview", "--stack", first.name)
    first.project.succeed(*up)
    second = _another_root(first, tmp_path / "second", kubeconfig)

    for command in (("preview", "--stack", first.name), up):
        refused = second.run(*command)
        assert refused.returncode != 0
        assert f'belongs to another root, whose identity is "{IDENTITY}"' in refused.stdout
        assert "Traceback" not in refused.stdout + refused.stderr
    assert exists(api, f"note-{first.name}")

    moved = Path(shutil.copytree(first.project.folder, tmp_path / "moved"))
    done = Project(moved, second.variables).run("preview", "--expect-no-changes", "--stack", first.name)
    assert done.returncode == 0, done.stdout + done.stderr

    settings = second.folder / "Pulumi.yaml"
    settings.write_text(settings.read_text().replace(OTHER, IDENTITY))
    taken = second.run("preview", "--stack", first.name)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert f"note-{first.name}" in taken.stdout


def test_a_project_without_an_identity_is_told_one(tmp_path: Path) -> None:
    made = small_project(tmp_path)
    settings = made.project.folder / "Pulumi.yaml"
    settings.write_text(settings.read_text().partition("config:")[0])

    done = made.project.run("preview", "--stack", made.name)

    assert done.returncode != 0
    assert "Pulumi.yaml:1:1: config: the project has no identity" in done.stdout
    assert "`a-team:identity: {value: " in done.stdout


@pytest.mark.parametrize("command", ["preview", "up"])
def test_another_cluster_is_refused_before_anything_is_registered(
    api: Client, kubeconfig: Path, tmp_path: Path, command: str
) -> None:
    made = small_project(tmp_path, kubeconfig, tier="production", uid=OTHER_CLUSTER)
    words = ("up", "--yes", "--skip-preview") if command == "up" else ("preview",)

    done = made.project.run(*words, "--stack", made.name)

    assert done.returncode != 0
    assert f"environments/{made.name}.yaml:2:" in done.stdout
    assert f"has the uid {uid_of(api)}" in done.stdout
    assert not any(each.startswith(("kubernetes:", "environments:")) for each in _types(made))
    assert not exists(api, f"note-{made.name}")


def test_the_right_cluster_is_accepted(api: Client, kubeconfig: Path, tmp_path: Path) -> None:
    made = small_project(tmp_path, kubeconfig, tier="production", uid=uid_of(api))

    printed = made.project.succeed("preview", "--stack", made.name)

    assert f"note-{made.name}" in printed
    assert "not checked" not in printed


def _another_root(first: SmallProject, folder: Path, kubeconfig: Path) -> Project:
    """Make a root with the same project name, another identity and other apps, on the backend of the first."""
    made = small_project(folder, kubeconfig, name=first.name)
    made.write(apps=("other",))
    settings = folder / "Pulumi.yaml"
    settings.write_text(settings.read_text().replace(IDENTITY, OTHER))
    backend = first.project.environment()["PULUMI_BACKEND_URL"]
    return Project(folder, {"KUBECONFIG": str(kubeconfig), "PULUMI_BACKEND_URL": backend})


def _types(made: SmallProject) -> set[str]:
    state = json.loads(made.project.succeed("stack", "export", "--stack", made.name))
    return {each["type"] for each in state["deployment"].get("resources") or []}
