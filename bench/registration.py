"""Row of Pulumi: a preview of 1,000 objects by our program, against a loop that only registers them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.measure import Step
from bench.roots import ENVIRONMENT, write_large
from bench.row import Bench, Line, Row, missing

WORKLOADS = 250
REPOSITORY = Path(__file__).parents[1]
_PROJECT = """\
name: {name}
stackConfigDir: environments/stacks
runtime:
  name: python
  options: {{toolchain: pip, virtualenv: {virtualenv}}}
config:
  {name}:identity: {{value: 6d1f8b1e-7f65-4a5b-8f5e-0d6e4f8f1c22}}
"""


def preview(bench: Bench) -> Iterator[Line]:
    """Preview the same objects both ways, without a cluster and without a state."""
    pulumi = bench.program("pulumi")
    if pulumi is None:
        yield missing("pulumi preview")
        return
    variables = offline_variables(bench.folder)
    ours, bare = bench.folder / "gitops-environments", bench.folder / "bare-loop"
    for folder, program in (
        (ours, REPOSITORY / "__main__.py"),
        (bare, REPOSITORY / "bench" / "bare_loop.py"),
    ):
        write_large(folder, bench.count(WORKLOADS))
        make_project(folder, program, pulumi, variables)
    bench.module("bench.objects", ours, bare / "objects.json")
    step = [pulumi, "preview", "--stack", ENVIRONMENT, "--non-interactive"]
    yield bench.line("pulumi preview of our program", [Step(step, ours, variables)])
    yield bench.line("pulumi preview of a bare loop", [Step(step, bare, variables)])


def make_project(folder: Path, program: Path, pulumi: str, variables: Mapping[str, str]) -> None:
    """Make a Pulumi project of a folder and a program, with a stack for the environment of the bench."""
    shutil.copy(program, folder / "__main__.py")
    (folder / "Pulumi.yaml").write_text(_PROJECT.format(name=folder.name, virtualenv=sys.prefix))
    command = [pulumi, "stack", "init", ENVIRONMENT, "--non-interactive"]
    subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True)


def offline_variables(folder: Path) -> Mapping[str, str]:
    """Make an environment in which Pulumi finds its plugins, but neither a cluster nor anyone's state."""
    state, home = folder / "state", folder / "home"
    for path in (state, home):
        path.mkdir()
    kept = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
    return {
        "PULUMI_HOME": str(Path.home() / ".pulumi"),
        **kept,
        "HOME": str(home),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
    }


ROWS = (Row("pulumi", "preview 250 workloads, 1,005 objects, with Pulumi", "1.15 x the bare loop", preview),)
