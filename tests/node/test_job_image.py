"""The image that tests run without Docker is that of the Dockerfile: same program, packages and user."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.components.job.test_job import APPS, JOB
from tests.components.rendering import render_text
from tests.node.job_image import FOLDERS, RUN
from tests.tree import TREE

DOCKERFILE = (TREE / "Dockerfile").read_text(encoding="utf-8").replace(" \\\n", " ")


def said(instruction: str) -> list[str]:
    """Return what the Dockerfile says with an instruction."""
    return re.findall(rf"^{instruction} (.*)$", DOCKERFILE, re.MULTILINE)


def test_it_holds_the_same_folders_and_locked_packages() -> None:
    copied = [line.split() for line in said("COPY") if not line.startswith("--from")]
    assert copied == [
        ["gitops/requirements.lock", "./"],
        *([folder, f"/opt/gitops/{folder}"] for folder in FOLDERS),
    ]
    assert "--require-hashes --target /opt/gitops --requirement requirements.lock" in said("RUN")[0]


_IMPORT_ALL = """
import importlib, pkgutil, sys
from importlib.metadata import packages_distributions
for module, names in packages_distributions().items():
    if not set(sys.argv[1:]) & {name.lower().replace("_", "-") for name in names}:
        sys.modules[module] = None  # as if it were not installed
import gitops, httpcore2
for each in pkgutil.walk_packages(gitops.__path__, "gitops."):
    importlib.import_module(each.name)
"""


def test_the_job_needs_no_other_packages() -> None:
    lock = (TREE / "gitops/requirements.lock").read_text(encoding="utf-8")
    names = [*re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE), "gitops-environments"]
    command = [sys.executable, "-c", _IMPORT_ALL, *names]
    finished = subprocess.run(command, cwd=TREE, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert "lightkube" not in names


def test_it_runs_as_the_same_user_with_the_same_environment_and_command() -> None:
    assert said("USER") == [RUN["User"]]
    assert [json.loads(line) for line in said("ENTRYPOINT")] == [RUN["Entrypoint"]]
    environment = [value for value in RUN["Env"] if not value.startswith("PATH=")]
    assert said("ENV") == [" ".join(environment)]


def test_the_user_is_not_root_and_is_that_of_the_pod(tmp_path: Path) -> None:
    """`restricted` asks for a user that is a number other than 0, which the kubelet can compare."""
    assert re.fullmatch(r"[1-9][0-9]*:[1-9][0-9]*", str(RUN["User"]))
    job = render_text(tmp_path, JOB + APPS)["CronJob/gitops-qa/gitops"]["spec"]["jobTemplate"]
    context = job["spec"]["template"]["spec"]["securityContext"]
    assert f"{context['runAsUser']}:{context['runAsGroup']}" == RUN["User"]
