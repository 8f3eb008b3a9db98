"""Runs the shell steps of workflows and actions as a runner does; GitHub's own `gh` answers from a file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.tree import TREE

GITHUB = TREE / ".github"
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")  # what `shell: bash` means
_GH = """\
#!/bin/sh
printf '%s\\n' "$*" >> "$GH_LOG"
case "$1 $2" in
"run list") cat "$GH_ANSWERS/runs" 2> /dev/null ;;
"api "*) cat "$GH_ANSWERS/api" 2> /dev/null ;;
"pr list") cat "$GH_ANSWERS/pulls" 2> /dev/null || echo 0 ;;
"issue list") cat "$GH_ANSWERS/issues" ;;
"issue create" | "issue edit") cat > "$GH_ANSWERS/body"; echo https://github.com/o/r/issues/1 ;;
esac
exit 0
"""


def document(name: str) -> dict[str, Any]:
    """Read a workflow (`deploy.yml`) or an action (`pulumi`)."""
    file = GITHUB / "workflows" / name if name.endswith(".yml") else GITHUB / "actions" / name / "action.yml"
    found: dict[str, Any] = yaml.safe_load(file.read_text())
    return found


def script(name: str, step: str, job: str | None = None) -> str:
    """Return the lines of a step, by its name."""
    steps = document(name)["jobs"][job]["steps"] if job else document(name)["runs"]["steps"]
    (found,) = [each for each in steps if each.get("name") == step]
    return str(found["run"])


@dataclass(frozen=True)
class Runner:
    """A machine that runs steps in a checkout."""

    checkout: Path
    temporary: Path

    @classmethod
    def of(cls, checkout: Path, temporary: Path) -> Runner:
        """Give a runner with `envs` and `gh` where the workflows expect them."""
        (checkout / ".venv").mkdir(parents=True, exist_ok=True)
        if not (checkout / ".venv/bin").exists():
            (checkout / ".venv/bin").mkdir()
            (checkout / ".venv/bin/envs").symlink_to(Path(sys.executable).with_name("envs"))
        (checkout / ".git/info").mkdir(parents=True, exist_ok=True)
        (checkout / ".git/info/exclude").write_text("/.venv\n")
        (temporary / "bin").mkdir(parents=True)
        (temporary / "bin/gh").write_text(_GH)
        (temporary / "bin/gh").chmod(0o755)
        (temporary / "answers").mkdir()
        return cls(checkout, temporary)

    def variables(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a step."""
        own = {
            "PATH": f"{self.temporary / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_OUTPUT": str(self.temporary / "output"),
            "GITHUB_STEP_SUMMARY": str(self.temporary / "summary"),
            "GITHUB_WORKSPACE": str(self.checkout),
            "GITHUB_REPOSITORY": "o/r",
            "GH_LOG": str(self.temporary / "gh.log"),
            "GH_ANSWERS": str(self.temporary / "answers"),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        return {**os.environ, **own, **variables}

    def run(self, lines: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the lines of a step to their end."""
        command = [*BASH, "-c", lines]
        environment = self.variables(variables)
        return subprocess.run(
            command,
            cwd=self.checkout,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=900,
        )

    def start(self, lines: str, **variables: str) -> subprocess.Popen[str]:
        """Start the lines of a step, and leave them running."""
        return subprocess.Popen(
            [*BASH, "-c", lines],
            cwd=self.checkout,
            env=self.variables(variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def answer(self, question: str, text: str) -> None:
        """Let `gh` answer: runs, api, pulls or issues."""
        (self.temporary / "answers" / question).write_text(text)

    def output(self) -> dict[str, str]:
        """Return the outputs of the steps."""
        file = self.temporary / "output"
        return dict(line.split("=", 1) for line in file.read_text().splitlines()) if file.exists() else {}

    def asked(self) -> list[str]:
        """Return what `gh` was asked, a line each."""
        file = self.temporary / "gh.log"
        return file.read_text().splitlines() if file.exists() else []
