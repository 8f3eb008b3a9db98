"""The commands of docs/pulumi.md, in their order, by the real engine on a real API server."""

import sys
from pathlib import Path

import pytest
from lightkube import Client

from tests.docs.test_console import STACK, run
from tests.engine.command import Project, project_of_a_team
from tests.engine.small import uid_of
from tests.tree import TREE

# `envs recover qa` looks for objects of qa that its stack does not know: nobody else may write some meanwhile.
pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("sample-on-cluster")]

ANSWERS = {
    "pulumi up": "--yes --skip-preview --suppress-outputs",
    "envs recover": "--yes",
    "pulumi stack rm": "--yes",
}
LAYER = """\
tier: {tier}
cluster: {{context: {context}, uid: {uid}}}
apps:
  page:
    workloads:
      server: {{image: "registry.example.com/server:1.2.3", replicas: 0, ports: {{http: 8080}}}}
"""


@pytest.fixture
def project(api: Client, tmp_path: Path, kubeconfig: Path) -> Project:
    """Give a team's own project with two environments and a pack."""
    (tmp_path / "environments/stacks").mkdir(parents=True)
    for name, tier, context in (("qa", "test", "test"), ("prod", "production", "prod")):
        (tmp_path / f"environments/{name}.yaml").write_text(
            LAYER.format(tier=tier, context=context, uid=uid_of(api))
        )
        (tmp_path / f"environments/stacks/Pulumi.{name}.yaml").touch()
    (tmp_path / "policies").symlink_to(TREE / "policies")
    (tmp_path / ".venv").symlink_to(sys.prefix)  # the pack runs in the one beside it
    (tmp_path / "pack.json").write_text('{"objects-mandatory": {"registries": ["registry.example.com"]}}')
    found = project_of_a_team(tmp_path, kubeconfig)
    found.succeed("stack", "init", "prod")
    return found


def test_the_commands_of_the_page_do_what_it_says(project: Project) -> None:
    for command in STACK:
        if command.startswith("pulumi stack rm"):  # here its objects are not to stay
            project.succeed("destroy", "--yes", "--stack", "qa")
        if not command.startswith("export"):
            run(_answered(command), project.folder, **project.environment())


def _answered(command: str) -> str:
    """Answer what a command asks a person."""
    answers = [answer for start, answer in ANSWERS.items() if command.startswith(start)]
    return " ".join([command, *answers])
