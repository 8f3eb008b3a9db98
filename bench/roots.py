"""The roots that the bench works on, written to a temporary folder."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = "bench"
APP = "large"

_SHOP = Path(__file__).parents[1] / "examples" / "shop" / "environments"
_LAYER = """\
apps:
  {name}:
    quota: {{cpu: "800", memory: 1Ti, pods: 14000}}
    workloads:
"""
_WORKLOAD = """\
      {name}:
        replicas: 2
        ports: {{http: 8080}}
        env: {{LOG_LEVEL: info, UPSTREAM: "http://{name}.example.com"}}
        resources: {{cpu: 50m, memory: 64Mi}}
        probes: {{ready: /healthz, live: /healthz}}
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between the committed shop and the one at hand."""

    file: str
    old: str
    new: str


SHOP_ENVIRONMENTS = ("qa", "e2e", "prod")
CHANGED = Change("environments/releases/qa/shop/frontend.yaml", "frontend:v0.10.5", "frontend:v0.10.6")


def write_shop(folder: Path, envs: str) -> None:
    """Write the shop as a repository in which one release differs from what was rendered and committed."""
    shutil.copytree(_SHOP, folder / "environments")
    render_and_commit(folder, envs)
    release = folder / CHANGED.file
    release.write_text(release.read_text().replace(CHANGED.old, CHANGED.new))


def render_and_commit(folder: Path, envs: str) -> None:
    """Make a repository of a root, with what its layers give."""
    subprocess.run([envs, "render", "--root", folder], check=True, stdout=subprocess.DEVNULL)
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"]
    for words in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "."],
        ["commit", "--quiet", "-m", "root"],
    ):
        subprocess.run(["git", *identity, *words], cwd=folder, check=True)


def write_large(folder: Path, workloads: int) -> None:
    """Write a root with one environment of so many workloads, each with its release.

    A workload is four objects: ServiceAccount, Deployment, Service and PodDisruptionBudget.
    """
    layers = folder / "environments"
    releases = layers / "releases" / ENVIRONMENT / APP
    releases.mkdir(parents=True)
    (layers / "stacks").mkdir()
    (layers / "stacks" / f"Pulumi.{ENVIRONMENT}.yaml").write_text("config: {}\n")
    (layers / f"{ENVIRONMENT}.yaml").write_text("tier: test\n")
    names = [f"workload-{number:04}" for number in range(workloads)]
    body = "".join(_WORKLOAD.format(name=name) for name in names)
    (layers / "base.yaml").write_text(_LAYER.format(name=APP) + body)
    for name in names:
        (releases / f"{name}.yaml").write_text(f"image: registry.example.com/{name}:1.2.3\n")
