"""The real engine previews every stack without a cluster, and shows faults as people need them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.stack.delivery import pushed
from envs.config.load import load
from envs.gates.rendering import render_environment
from tests.engine.command import Project, project_of_a_team
from tests.tree import SAMPLE

pytestmark = pytest.mark.engine

ENVIRONMENTS = sorted(path.stem.removeprefix("Pulumi.") for path in SAMPLE.glob("environments/stacks/*.yaml"))


@dataclass(frozen=True)
class Preview:
    """One environment's preview, and its stack file before and after it."""

    environment: str
    steps: Sequence[Mapping[str, Any]]
    stack_files: tuple[bytes, bytes]


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def preview(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Preview:
    """Preview each environment from a fresh checkout."""
    name = request.param
    project = project_of_a_team(tmp_path_factory.mktemp(name))
    file = project.folder / f"environments/stacks/Pulumi.{name}.yaml"
    before = file.read_bytes()
    project.succeed("stack", "init", name)
    steps = project.preview(name)
    return Preview(name, steps, (before, file.read_bytes()))


def test_a_preview_without_a_cluster_creates_what_is_rendered(preview: Preview) -> None:
    configuration = load(SAMPLE)
    environment = configuration.environment(preview.environment)
    written = pushed(environment, render_environment(configuration, preview.environment))

    objects = [step["newState"]["inputs"] for step in preview.steps if "kubernetes:" in _type(step)]

    assert {step["op"] for step in preview.steps} == {"create"}
    assert sorted(map(_identity, objects)) == sorted(_identity(manifest.object) for manifest in written)


def test_a_preview_leaves_the_committed_stack_file_as_it_is(preview: Preview) -> None:
    before, after = preview.stack_files

    assert after == before


def test_a_copied_stack_file_serves_another_stack(project: Project) -> None:
    _copy(project.folder, "environments/e2e.yaml", "environments/staging.yaml")
    file = _copy(
        project.folder, "environments/stacks/Pulumi.e2e.yaml", "environments/stacks/Pulumi.staging.yaml"
    )
    before = file.read_bytes()

    project.succeed("stack", "init", "staging")

    assert file.read_bytes() == before


def test_faults_of_layers_are_one_report_and_no_traceback(project: Project) -> None:
    layer = project.folder / "environments/prod.yaml"
    layer.write_text(layer.read_text().replace("replicas: 2", "replica: 2"))
    project.succeed("stack", "init", "prod")

    done = project.run("preview", "--stack", "prod")

    assert done.returncode != 0
    assert "environments/prod.yaml:" in done.stdout
    assert "did you mean `replicas`?" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "unhandled" not in done.stdout + done.stderr


def test_a_stack_without_an_environment_is_refused(project: Project) -> None:
    project.succeed("stack", "init", "prd")

    done = project.run("preview", "--stack", "prd")

    assert done.returncode != 0
    assert "there is no such environment" in done.stdout
    assert "did you mean `prod`?" in done.stdout


def test_the_root_may_be_another_folder_than_the_project(project: Project) -> None:
    inner = Project(project.folder / "deploy")
    inner.folder.mkdir()
    settings = yaml.safe_load((project.folder / "Pulumi.yaml").read_text())
    settings |= {
        "stackConfigDir": "../environments/stacks",
        "config": {**settings["config"], "a-team:root": {"value": ".."}},
    }
    (inner.folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
    inner.succeed("stack", "init", "e2e")

    assert any(step["urn"].endswith("::Namespace/shop-e2e") for step in inner.preview("e2e"))


def _copy(folder: Path, source: str, target: str) -> Path:
    path = folder / target
    path.write_bytes((folder / source).read_bytes())
    return path


def _type(step: Mapping[str, Any]) -> str:
    """Type of a resource without the types of its parents; providers are not of the kinds of a cluster."""
    return str(step["newState"]["type"]).removeprefix("pulumi:providers:kubernetes")


def _identity(item: Mapping[str, Any]) -> tuple[str, ...]:
    metadata = item["metadata"]
    return item["apiVersion"], item["kind"], metadata.get("namespace", ""), metadata["name"]
