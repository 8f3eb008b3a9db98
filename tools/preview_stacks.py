"""Previews every stack with the real pulumi command, without a cluster.

The state is in PULUMI_BACKEND_URL, else in .state/ of this checkout.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from envs.config.load import load
from envs.config.reading.faults import ConfigurationError

STATE = Path(".state")
OPTIONS = ("--suppress-outputs", "--policy-pack", "policies")


def main() -> None:
    """Preview all stacks; without the pulumi command, print one line and succeed."""
    if shutil.which("pulumi") is None:
        print("pulumi preview: skipped, pulumi is not on PATH; `make pulumi` installs the official release")
        return
    try:
        names = list(load(Path()).environments)
    except ConfigurationError as error:
        sys.exit(error.report())
    STATE.mkdir(exist_ok=True)
    variables = offline(os.environ, STATE.absolute())
    if variables["PULUMI_BACKEND_URL"] == STATE.absolute().as_uri():
        _create_missing(variables, names)  # only the deploy workflow creates stacks in a shared state
    for name in names:
        _report(name, _pulumi(variables, "preview", "--stack", name, *OPTIONS))


def _create_missing(variables: Mapping[str, str], names: Iterable[str]) -> None:
    known = {stack["name"] for stack in json.loads(_pulumi(variables, "stack", "ls", "--json").stdout)}
    for name in names:
        if name not in known:
            _pulumi(variables, "stack", "init", name, "--no-select")


def offline(variables: Mapping[str, str], state: Path) -> dict[str, str]:
    """Add the defaults of a preview: a local state, an empty passphrase, and no cluster."""
    return {
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        **variables,
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "KUBECONFIG": str(state / "no-cluster"),
    }


def _pulumi(variables: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["pulumi", "--non-interactive", *arguments]
    done = subprocess.run(command, env=dict(variables), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}{done.stderr}\n`{' '.join(command)}` ended with {done.returncode}")
    return done


def _report(name: str, done: subprocess.CompletedProcess[str]) -> None:
    log = STATE / f"preview-{name}.log"
    log.write_text(done.stdout)
    summary = " ".join(done.stdout.rpartition("Resources:")[2].split())
    print(f"pulumi preview {name}: {summary}; all of it in {log}")


if __name__ == "__main__":
    main()
