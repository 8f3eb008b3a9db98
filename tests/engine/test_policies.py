"""The real engine with the policy pack, and without it: what is refused, what is only told, what passes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.engine.command import ROOT, Project, project_of_a_team
from tests.policies.objects import Manifest, container, deployment, pod_spec
from tests.policies.rules.test_environment_rules import environment

pytestmark = pytest.mark.engine

PACK = str(ROOT / "policies")
MOVING = "registry.example.com/shop/web:latest"
PRODUCTION = {"tier": "production"}
TEST = {
    "tier": "test",
    "images": {"postgres": {"tags": "minor", "because": "for the test"}},
    "levels": {"images-are-pinned": "advisory"},
}
# A program of somebody else, which judges nothing itself.
PROGRAM = """\
import json
import pathlib

import pulumi

given = json.loads((pathlib.Path(pulumi.get_root_directory()) / "given.json").read_text())
pulumi.ComponentResource("environments:index:Environment", pulumi.get_stack(), given["declared"])
for item in given["objects"]:
    version = item["apiVersion"]
    token = f"kubernetes:{version if '/' in version else f'core/{version}'}:{item['kind']}"
    pulumi.CustomResource(token, f"{item['kind']}/{item['metadata']['name']}", item)
"""
Other = Callable[[dict[str, Any], Sequence[Manifest]], Project]


@pytest.fixture
def other(tmp_path: Path) -> Other:
    """Give a project whose program is not ours, with a declared environment and objects."""

    def make(declared: dict[str, Any], objects: Sequence[Manifest]) -> Project:
        project = project_of_a_team(tmp_path)
        settings = tmp_path / "Pulumi.yaml"
        settings.write_text(settings.read_text().replace(f"main: {ROOT}\n", "main: program\n"))
        (tmp_path / "program").mkdir()
        (tmp_path / "program" / "__main__.py").write_text(PROGRAM)
        (tmp_path / "given.json").write_text(json.dumps({"declared": declared, "objects": list(objects)}))
        project.succeed("stack", "init", "prod")
        return project

    return make


def running(*images: str) -> list[Manifest]:
    """Make a whole environment with one more Deployment, which runs the images."""
    containers = [container(f"c{number}", image=image) for number, image in enumerate(images)]
    more = deployment(pod_spec(containers=containers))
    more["metadata"]["name"] = "more"
    return environment(more)


def preview(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    """Preview with the pack."""
    return project.run("preview", "--stack", "prod", "--policy-pack", PACK, *words)


@pytest.mark.parametrize(
    ("name", "advice"),
    [("qa", set()), ("e2e", set()), ("prod", {"ingresses-are-encrypted", "flows-name-their-targets"})],
    ids=["qa", "e2e", "prod"],
)
def test_the_sample_passes_with_the_pack(project: Project, name: str, advice: set[str]) -> None:
    project.succeed("stack", "init", name)

    done = project.run("preview", "--stack", name, "--policy-pack", PACK)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "environments@v" in done.stdout
    assert "[mandatory]" not in done.stdout
    assert set(re.findall(r"\[([a-z]+(?:-[a-z]+)+)\]$", done.stdout, re.MULTILINE)) == advice


@pytest.mark.parametrize("words", [(), ("--policy-pack", PACK)], ids=["without the pack", "with the pack"])
def test_the_program_refuses_a_moving_tag_in_production_in_one_report(
    project: Project, words: tuple[str, ...]
) -> None:
    release = "environments/releases/prod/client/curl.yaml"
    (project.folder / release).parent.mkdir(parents=True)
    (project.folder / release).write_text("image: docker.io/curlimages/curl:latest\n")
    project.succeed("stack", "init", "prod")

    done = project.run("preview", "--stack", "prod", *words)

    assert done.returncode != 0
    report = done.stdout.partition("Diagnostics:")[2]
    assert report.count(f"{release}:1:8: ") == 1
    assert "[images-are-pinned]" in report
    assert "Traceback" not in done.stdout + done.stderr


def test_the_pack_refuses_a_moving_tag_in_production_from_any_program(other: Other) -> None:
    done = preview(other(PRODUCTION, running("registry.example.com/shop/web:1.2.3", MOVING)))

    assert done.returncode != 0
    assert "objects-mandatory" in done.stdout
    assert "spec.template.spec.containers[c1].image" in done.stdout
    assert "containers[c0].image" not in done.stdout


def test_the_pack_passes_a_clean_environment_of_any_program(other: Other) -> None:
    done = preview(other(PRODUCTION, running("registry.example.com/shop/web:1.2.3")))

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_pack_tells_what_a_test_environment_asked_to_be_told(other: Other) -> None:
    done = preview(other(TEST, [*_test_tier(running(MOVING, "postgres:16.4"))]))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "objects-advisory" in done.stdout
    assert "containers[c0].image" in done.stdout
    assert "containers[c1].image" not in done.stdout


def test_the_pack_judges_what_all_objects_do_together(other: Other) -> None:
    unfenced = [item for item in running() if item["kind"] != "NetworkPolicy"]

    done = preview(other(PRODUCTION, unfenced))

    assert done.returncode != 0
    assert "environment-mandatory" in done.stdout
    assert "pods-are-isolated" in done.stdout


def test_the_settings_of_the_pack_make_it_stricter(other: Other, tmp_path: Path) -> None:
    settings = tmp_path / "pack.json"
    settings.write_text(json.dumps({"objects-mandatory": {"registries": ["ghcr.io"]}}))
    project = other(PRODUCTION, running("registry.example.com/shop/web:1.2.3"))

    done = preview(project, "--policy-pack-config", str(settings))

    assert done.returncode != 0
    assert "images-come-from-allowed-registries" in done.stdout


def test_the_pack_runs_in_the_environment_of_its_checkout_wherever_that_is(
    other: Other, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    shutil.copytree(ROOT / "policies", clone / "policies", ignore=shutil.ignore_patterns("__pycache__"))
    (clone / ".venv").symlink_to(ROOT / ".venv")
    project = other(PRODUCTION, running(MOVING))

    done = project.run("preview", "--stack", "prod", "--policy-pack", str(clone / "policies"))

    assert done.returncode != 0
    assert "images-are-pinned" in done.stdout


def _test_tier(manifests: list[Manifest]) -> list[Manifest]:
    manifests[0]["metadata"]["labels"]["environments.internal/tier"] = "test"
    return manifests
