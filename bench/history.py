"""A row of history: one new release judged by 10,000 commits, each of which has released something."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Step
from bench.row import Bench, Line, Row, missing

COMMITS = 10_000
APP = "shop"
_ENVIRONMENTS = {
    "qa": "tier: test\n",
    "e2e": "tier: test\npromotes: {from: qa}\n",
    "prod": "tier: production\npromotes: {from: e2e}\n",
}
_WORKLOADS = [f"workload-{number:02}" for number in range(10)]
_START = 1_700_000_000  # seconds; when the first commit was made


def history(bench: Bench) -> Iterator[Line]:
    """Judge a root with and without its history."""
    envs = bench.program("envs")
    if envs is None:
        yield missing("envs")
        return
    root = bench.folder / "root"
    write_history(root, COMMITS)
    check: list[str | Path] = [envs, "check", "--root", root]
    yield bench.line("envs check --base main", [Step([*check, "--base", "main"], root)])
    yield bench.line("envs check, without history", [Step(check, root)])


def write_history(root: Path, commits: int) -> None:
    """Write a root with so many commits and a release that is not committed yet."""
    root.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=root, check=True)
    stream = "".join(_commits(commits)).encode()
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, check=True, input=stream)
    subprocess.run(["git", "reset", "--quiet", "--hard"], cwd=root, check=True)
    (root / _release("qa", _WORKLOADS[0])).write_text(_text(_WORKLOADS[0], "2.0.0", commits))


def _commits(number: int) -> Iterator[str]:
    """Yield what `git fast-import` reads: the layers, then one release a commit, environment by environment."""
    yield _commit(0, _layers())
    places = itertools.cycle((name, workload) for workload in _WORKLOADS for name in _ENVIRONMENTS)
    for count, (name, workload) in zip(range(number - 1), places, strict=False):
        build = count // len(_ENVIRONMENTS)
        yield _commit(1 + count, {_release(name, workload): _text(workload, f"1.0.{build}", build)})


def _layers() -> dict[str, str]:
    workloads = "".join(f"      {name}: {{ports: {{http: 8080}}}}\n" for name in _WORKLOADS)
    files = {
        "environments/base.yaml": f"teams: {{web: {{}}}}\napps:\n  {APP}:\n    team: web\n    workloads:\n{workloads}"
    }
    for name, layer in _ENVIRONMENTS.items():
        files[f"environments/{name}.yaml"] = layer
        files[f"environments/stacks/Pulumi.{name}.yaml"] = "config: {}\n"
        files |= {_release(name, workload): _text(workload, "0.1.0", 0) for workload in _WORKLOADS}
    return files


def _release(environment: str, workload: str) -> str:
    return f"environments/releases/{environment}/{APP}/{workload}.yaml"


def _text(workload: str, tag: str, build: int) -> str:
    return f'image: registry.example.com/{workload}:{tag}@sha256:{build:064x}\nbuild: "{build}"\n'


def _commit(number: int, files: dict[str, str]) -> str:
    head = f"commit refs/heads/main\ncommitter bench <bench@example.com> {_START + number} +0000\n"
    lines = [f"M 100644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in files.items()]
    return "".join([head, "data 7\nrelease\n", *lines])


ROWS = (Row("history", "judge one release by 10,000 commits that released something", "2 s", history),)
