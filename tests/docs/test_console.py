"""Every command that the pages show is run here, or where this table says; a new one fails until it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from localkube.binaries import ensure_built
from localkube.clusters import LocalCluster
from tests.command import make_repository
from tests.docs.console import PAGES, commands
from tests.docs.test_examples import EXAMPLES
from tests.tree import SAMPLE, TREE

SAMPLE_CONTEXT = '--context "$(kubectl config current-context)"'
STARTED = ("envs init shop --app web", "envs preview --root shop")
LIVE = (
    "export KUBECONFIG=$(make --silent cluster)",
    f".venv/bin/envs up qa {SAMPLE_CONTEXT}",
    f".venv/bin/envs status qa {SAMPLE_CONTEXT}",
    f"envs up qa --root shop {SAMPLE_CONTEXT}",
    f"envs status qa --root shop {SAMPLE_CONTEXT}",
)
HAND_OVER = (
    "kubectl patch deployment/server --namespace shop-qa --type merge --patch "
    """'{"metadata":{"managedFields":[{}]}}'"""
)
STACK = (  # tests/engine/test_pages.py
    "export PULUMI_BACKEND_URL=s3://your-bucket PULUMI_CONFIG_PASSPHRASE=",
    "pulumi stack init qa",
    "pulumi preview --stack qa",
    "pulumi up --stack qa",
    "pulumi stack output --stack qa images",
    "pulumi refresh --stack qa --preview-only --expect-no-changes",
    "pulumi preview --stack prod --policy-pack policies",
    "pulumi preview --stack prod --policy-pack policies --policy-pack-config pack.json",
    "export PULUMI_SKIP_CHECKPOINTS=true PULUMI_K8S_CLIENT_QPS=1000 PULUMI_K8S_CLIENT_BURST=2000",
    "envs recover qa",
    "pulumi stack rm qa --force --preserve-config",
)
ELSEWHERE = {
    "envs retire shop --from prod": "tests/engine/test_retirement.py",
    HAND_OVER: "tests/envs/cli/test_up.py",
    "envs up qa": "tests/envs/cli/test_up.py",
    "git fetch origin refs/notes/deployments:refs/notes/deployments": "tests/envs/deployments/test_notes.py",
    "envs list": "tests/envs/cli/test_list.py",
    "envs ready": "tests/envs/cli/test_ready.py",
    "envs ready prod --by-name": "tests/envs/cli/test_ready.py",
    "envs wait qa --commit HEAD --timeout 600": "tests/envs/cli/test_wait.py",
    "gh workflow run deploy-environment.yml -f environment=prod -f commit=4f1c2d3": "tests/workflows/test_lint.py",
    "python3 -m venv shop/.venv": "tests/installed.py",
    'shop/.venv/bin/pip install "gitops-environments @ git+https://…"': "tests/installed.py",
    'export PATH="$PWD/shop/.venv/bin:$PATH"': "tests/installed.py",
    ".venv/bin/envs init --app web --replace": "tests/test_replaced_sample.py",
}
PAGE_BY_PAGE = {
    *commands("docs/review.md"),
    *commands("docs/releases.md"),
}  # test_review.py, test_releases.py
SHOWN = [command for page in PAGES for command in commands(page)]
MADE = sorted({command.split()[1] for command in SHOWN if command.startswith("make ")})


def run(command: str, folder: Path, **variables: str) -> str:
    """Run a line of a console as a person would; it must end well."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_every_command_of_every_page_is_run_somewhere() -> None:
    known = {
        *EXAMPLES,
        *STARTED,
        *LIVE,
        *STACK,
        *ELSEWHERE,
        *PAGE_BY_PAGE,
        *(f"make {target}" for target in MADE),
    }
    known |= {command.partition("  #")[0].rstrip() for command in EXAMPLES}
    assert [command for command in SHOWN if command not in known] == []
    assert all((TREE / file).is_file() for file in ELSEWHERE.values())


@pytest.mark.parametrize("target", MADE)
def test_the_targets_that_pages_name_exist(target: str) -> None:
    assert run(f"make --dry-run {target}", TREE)


def test_two_commands_lead_from_an_empty_folder_to_a_preview(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "empty")
    printed = [run(command, folder) for command in STARTED]
    assert all(f"{name} " in printed[1] for name in ("qa", "e2e", "prod"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a repository with a root that has `envs` where the README has it, and one that `envs init` wrote."""
    folder = make_repository(tmp_path / "checkout")
    shutil.copytree(SAMPLE / "environments", folder / "environments")
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/envs").symlink_to(Path(sys.executable).with_name("envs"))
    run(STARTED[0], folder)
    return folder


@pytest.mark.api
@pytest.mark.xdist_group("sample-on-cluster")
def test_the_commands_for_a_cluster_run_on_one(cluster: LocalCluster, checkout: Path, tmp_path: Path) -> None:
    """`up` and `down` ask; a console without a person is told --yes."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/kubectl").symlink_to(ensure_built(print) / "kubectl")
    variables = {"KUBECONFIG": str(cluster.kubeconfig), "PROGRAMS": str(tmp_path / "bin")}
    for up, status in ((LIVE[1], LIVE[2]), (LIVE[3], LIVE[4])):
        assert "created" in run(f"PATH=$PROGRAMS:$PATH; {up} --yes", checkout, **variables)
        shown = run(f"PATH=$PROGRAMS:$PATH; {status} || (($? != 5))", checkout, **variables)
        assert "InSync" in shown
        down = up.replace("envs up", "envs down")
        run(f"PATH=$PROGRAMS:$PATH; {down} --yes", checkout, **variables)
