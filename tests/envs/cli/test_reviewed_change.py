"""A pull request with one value, one component in Python and one flow: each effect with its cause, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import commit, edit, git, make_environments, make_repository
from tests.tree import TREE

PACKAGES = ("components", "envs", "gitops", "kube", "policies")
BASE, COMPONENT = "environments/base.yaml", "components/workloads/scaling.py"
OTHER = (
    "  till:\n    workloads:\n      web:\n        image: registry.example.com/till:1.0.0\n"
    "        ports: {http: 8080}\n        autoscale: {min: 2, max: 4, cpu: 80%}\n"
)
FLOW = "    flows:\n      sales: {from: {app: till, workload: web}, to: server, port: http}\n"


def run(tree: Path, *words: str) -> str:
    """Run the copy of the command that the tree holds."""
    command = [sys.executable, "-m", "envs", *words, "--root", str(tree)]
    done = subprocess.run(command, cwd=tree, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a repository that holds the components beside its layers, rendered and committed."""
    folder = make_repository(tmp_path / "tree")
    for package in PACKAGES:
        shutil.copytree(TREE / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ".gitignore").write_text("__pycache__/\n")
    make_environments(folder)
    with (folder / BASE).open("a") as base:
        base.write(OTHER)
    run(folder, "render")
    commit(folder, "first")
    git(folder, "switch", "--quiet", "--create", "change")
    return folder


def test_each_effect_has_its_cause_and_nothing_else_is_told(tree: Path) -> None:
    edit(tree / BASE, "server:1.2.3", "server:1.2.4")
    edit(tree / COMPONENT, '"AlwaysAllow"', '"IfHealthyBudget"')
    edit(tree / BASE, "  till:\n", f"{FLOW}  till:\n")
    text = run(tree, "comment", "--base", "main")
    everywhere, first, flow = "in qa, e2e, prod", f"`{BASE}:7`", f"`{BASE}:10`"
    assert re.findall(r"^- (.*)$", text.partition("<details>")[0], re.MULTILINE) == [
        f"connects: `till/web → shop/server` is possible on TCP 8080, {everywhere} — {flow}",
        f"restarts: `shop/server` restarts its pods, 1 at a time (4 pods), {everywhere} — {first}",
        f"releases: `shop/server` server 1.2.3 \\-\\> 1.2.4 \\(new everywhere\\), {everywhere} — {first}",
    ]
    assert f"-> IfHealthyBudget  {COMPONENT}" in text


def test_an_effect_of_a_component_alone_names_its_file(tree: Path) -> None:
    """Beside a value that restarts one of the workloads."""
    edit(tree / "components/workloads/pod.py", "enableServiceLinks=False", "enableServiceLinks=True")
    edit(tree / BASE, "till:1.0.0", "till:1.0.1")
    text = run(tree, "comment", "--base", "main")
    summary = text.partition("<details>")[0]
    assert re.findall(r"^- (restarts.*) — ", summary, re.MULTILINE) == [
        "restarts: `shop/server, till/web` restarts its pods, 1 at a time (10 pods), in qa, e2e, prod"
    ]
    assert f"— `components/workloads/pod.py, {BASE}:12`\n" in summary
