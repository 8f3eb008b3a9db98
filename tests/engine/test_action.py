"""The action that runs Pulumi in workflows: its own lines, the real engine, a real API server."""

from __future__ import annotations

import json
import secrets
import shutil
import signal
import sys
from pathlib import Path

import pytest
from lightkube import ApiError, Client
from lightkube.resources.core_v1 import Service
from lightkube.resources.networking_v1 import Ingress

from envs.review.comment.stacks import read_events
from tests.command import files_of
from tests.engine.command import Project, project_of_a_team
from tests.tree import TREE
from tests.waiting import wait_until
from tests.workflows.steps import Runner, script

pytestmark = pytest.mark.engine

RUN = script("pulumi", "Pulumi")
ACCESS = script("pulumi", "Access to state and cluster")
LAYER = """\
tier: test
cluster: {{context: test, domain: example.com, ingress: {{namespace: edge, address: {waits}}}}}
apps:
  page:
    flows: {{visitors: {{from: ingress, to: server, port: http}}}}
    workloads:
      server:
        image: registry.example.com/server:1.2.3
        replicas: 0
        ports: {{http: 8080}}
        host: page.example.com
"""
_LOGGED = """\
#!/bin/sh
echo "$1 checkpoints=${{PULUMI_SKIP_CHECKPOINTS:-kept}}" >> "$RUNNER_TEMP/pulumi.log"
exec {program} "$@"
"""


class Action:
    """The action in the project of a team with one environment, which has a name of its own."""

    def __init__(self, project: Project, runner: Runner) -> None:
        self.project, self.runner, self.name = project, runner, f"e{secrets.token_hex(3)}"
        (project.folder / f"environments/stacks/Pulumi.{self.name}.yaml").touch()
        self.write()

    def write(self, waits: str = "false") -> None:
        """Write the layer."""
        (self.project.folder / f"environments/{self.name}.yaml").write_text(LAYER.format(waits=waits))

    def variables(self, command: str, **variables: str) -> dict[str, str]:
        """Give the step what the action gives it."""
        own = {"COMMAND": command, "STACK": self.name, "REFRESH": "false", "MINUTES": "15"}
        return {**self.project.environment(), **own, "GIVEN_BACKEND": "s3://bucket", **variables}

    def run(self, command: str, **variables: str) -> str:
        """Run a command, which must end well; returns what it printed."""
        done = self.runner.run(RUN, **self.variables(command, **variables))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def remember(self, resource: str) -> None:
        """Make the stack, with a state that has one resource, `<type>::<name>`."""
        self.project.succeed("stack", "init", self.name)
        urn = f"urn:pulumi:{self.name}::a-team::{resource}"
        known = {"urn": urn, "type": resource.partition("::")[0], "outputs": {"kept": "private"}}
        state = self.project.folder / "state.json"
        state.write_text(json.dumps({"version": 3, "deployment": {"manifest": {}, "resources": [known]}}))
        self.project.succeed("stack", "import", "--stack", self.name, "--file", str(state))

    def drift(self) -> str:
        """Look for drift; returns the result."""
        self.run("drift")
        return self.runner.output()["result"]

    def logged(self, verb: str) -> list[str]:
        """Return how each run of a verb treated checkpoints."""
        lines = (self.runner.temporary / "pulumi.log").read_text().splitlines()
        return [line.partition("checkpoints=")[2] for line in lines if line.startswith(f"{verb} ")]


def action_in(folder: Path, temporary: Path, kubeconfig: Path | None) -> Action:
    """Make a project, and a runner whose workspace it is."""
    (folder / "environments/stacks").mkdir(parents=True)
    (folder / "policies").symlink_to(TREE / "policies")
    (folder / ".venv").symlink_to(sys.prefix)  # the pack runs in the one beside it
    program = folder / ".tools/pulumi/pulumi"
    program.parent.mkdir(parents=True)
    program.write_text(_LOGGED.format(program=shutil.which("pulumi")))
    program.chmod(0o755)
    return Action(project_of_a_team(folder, kubeconfig), Runner.of(folder, temporary))


@pytest.fixture
def action(tmp_path: Path, kubeconfig: Path) -> Action:
    """Give the action with a cluster."""
    return action_in(tmp_path / "project", tmp_path / "runner", kubeconfig)


def test_drift_is_found_and_repaired(action: Action, api: Client) -> None:
    """Only a stack that has objects already runs without checkpoints."""
    action.run("up")
    service = api.get(Service, "server", namespace=f"page-{action.name}")
    assert service.spec is not None
    assert service.spec.ports is not None
    service.spec.ports[0].targetPort = 4711
    api.replace(service)
    assert action.drift() == "drifted"
    assert "server" in (action.runner.temporary / "drift.txt").read_text()

    action.run("up", REFRESH="true")

    assert action.drift() == "clean"
    assert action.logged("up") == ["kept", "true"]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_cancelled_saves_its_state_and_leaves_no_lock(
    action: Action, api: Client, sent: signal.Signals
) -> None:
    """A runner signals the shell of the step, which has become Pulumi; only its end saves what it created."""
    action.remember("environments:index:App::gone")
    action.write(waits="true")  # for an address, which no controller publishes here

    def waits() -> bool:
        try:
            api.get(Ingress, "server", namespace=f"page-{action.name}")
        except ApiError:
            return False
        return True

    with action.runner.start(RUN, **action.variables("up")) as step:
        wait_until(waits, "the Ingress exists")
        step.send_signal(sent)
        printed, _ = step.communicate(timeout=120)

    assert step.returncode != 0
    assert [*action.project.folder.glob(".state/.pulumi/locks/**/*.json")] == [], printed
    state = json.loads(action.project.succeed("stack", "export", "--stack", action.name))
    assert len(state["deployment"]["resources"]) > 5
    assert action.logged("up") == ["true"]


def test_a_preview_without_backend_needs_no_secret(tmp_path: Path) -> None:
    """As in a fork: the stack file has the salt of a passphrase that is not known there."""
    action = action_in(tmp_path / "project", tmp_path / "runner", None)
    stack = action.project.folder / f"environments/stacks/Pulumi.{action.name}.yaml"
    stack.write_text(
        "encryptionsalt: v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n"
    )

    other = {"PULUMI_CONFIG_PASSPHRASE": "of somebody else"}
    printed = action.run("preview", GIVEN_BACKEND="", **other)

    assert f"page-{action.name}" in printed
    assert f"### {action.name}" in (action.runner.temporary / "summary").read_text()


def test_a_preview_with_a_backend_compares_with_the_state_and_only_reads_it(tmp_path: Path) -> None:
    """Its operations are left for the comment, with nothing else of the state."""
    action = action_in(tmp_path / "project", tmp_path / "runner", None)
    action.remember("environments:index:App::gone")
    before = files_of(action.project.folder / ".state")

    printed = action.run("preview")

    assert "from nothing" not in printed
    assert files_of(action.project.folder / ".state") == before
    events = Path(action.runner.output()["events"]).read_bytes()
    (report,) = read_events(events, "events")
    assert [step.resource for step in report.steps if step.is_risky] == ["environments:index:App gone"]
    assert b"private" not in events


def test_a_preview_of_a_stack_that_is_not_there_yet_creates_none(tmp_path: Path) -> None:
    """A new environment in a pull request, with a state that can only be read."""
    action = action_in(tmp_path / "project", tmp_path / "runner", None)
    action.project.succeed("stack", "init", "other")
    before = files_of(action.project.folder / ".state")

    printed = action.run("preview")

    assert f"The stack {action.name} is previewed from nothing" in printed
    assert f"page-{action.name}" in printed
    assert files_of(action.project.folder / ".state") == before


@pytest.mark.parametrize(
    ("command", "backend", "content", "says"),
    [
        ("up", "", "x", "names no shared backend"),
        ("up", "file:///tmp", "x", "names no shared backend"),
        ("drift", "", "x", "names no shared backend"),
        ("up", "s3://bucket", "", "has no secret KUBECONFIG"),
        ("preview", "file:///tmp", "", "names no shared backend"),
    ],
)
def test_what_is_missing_is_named(
    tmp_path: Path, command: str, backend: str, content: str, says: str
) -> None:
    runner = Runner.of(tmp_path / "project", tmp_path / "runner")

    done = runner.run(ACCESS, COMMAND=command, STACK="qa", BACKEND=backend, CONTENT=content)

    assert (done.returncode, says in done.stdout) == (1, True)


def test_a_kubeconfig_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    runner = Runner.of(tmp_path / "project", tmp_path / "runner")

    done = runner.run(ACCESS, COMMAND="up", STACK="qa", BACKEND="s3://bucket", CONTENT="apiVersion: v1")

    assert done.returncode == 0, done.stderr
    file = Path(runner.output()["kubeconfig"])
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("apiVersion: v1", 0o600)
    assert runner.output()["backend"] == "s3://bucket"
