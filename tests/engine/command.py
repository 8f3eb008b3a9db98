"""Runs the real pulumi command for one project folder. In: arguments. Out: exit code and what it printed."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.tree import SAMPLE, TREE

ROOT = TREE
_PROJECT = """name: a-team
stackConfigDir: environments/stacks
main: {root}
runtime:
  name: python
  options: {{toolchain: pip, virtualenv: {root}/.venv}}
config:
  a-team:identity: {{value: 6d1f8b1e-7f65-4a5b-8f5e-0d6e4f8f1c22}}
"""


@dataclass(frozen=True)
class Project:
    """A project folder with a state of its own."""

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Give the variables that every command of the project gets."""
        state = self.folder / ".state"
        state.mkdir(exist_ok=True)
        return {
            "PULUMI_BACKEND_URL": state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "KUBECONFIG": str(state / "no-cluster"),
            **self.variables,
        }

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start one command and leave it running."""
        return subprocess.Popen(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment(), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end, whatever its exit code."""
        return subprocess.run(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment(), **variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def succeed(self, *arguments: str, **variables: str) -> str:
        """Run one command that must end well; returns its standard output."""
        done = self.run(*arguments, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def preview(self, stack: str) -> list[dict[str, Any]]:
        """Return the steps of a preview, one a resource."""
        steps: list[dict[str, Any]] = json.loads(self.succeed("preview", "--stack", stack, "--json"))["steps"]
        return steps


def project_of_a_team(folder: Path, kubeconfig: Path | None = None) -> Project:
    """Make the project folder of a team whose environments are in `folder`; by default, those of `tests/sample`."""
    if not (folder / "environments").exists():
        shutil.copytree(SAMPLE / "environments", folder / "environments")
    (folder / "Pulumi.yaml").write_text(_PROJECT.format(root=ROOT))
    return Project(folder, {"KUBECONFIG": str(kubeconfig)} if kubeconfig else {})
