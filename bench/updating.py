"""Row of updates: `pulumi up` on a cluster by our program, against a loop that only registers the same objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.cluster import fresh_cluster
from bench.measure import Step
from bench.registration import REPOSITORY, make_project, offline_variables
from bench.roots import APP, ENVIRONMENT, write_large
from bench.row import Bench, Line, Row, missing
from components.stack.waiting import SKIP

FEW, MANY = 250, 1000  # workloads of four objects each
_LONGEST = 1800.0  # seconds
# As docs/pulumi.md gives them to people and pipelines.
_SETTINGS = {
    "PULUMI_SKIP_CHECKPOINTS": "true",
    "PULUMI_K8S_CLIENT_QPS": "1000",
    "PULUMI_K8S_CLIENT_BURST": "2000",
}


@dataclass(frozen=True, slots=True)
class Program:
    """A program to measure, and how its folder follows a change of the layers."""

    name: str
    main: Path
    follow: Callable[[Bench, Path], None] = lambda _bench, _folder: None


def update(bench: Bench) -> Iterator[Line]:
    """Bring few objects and many up both ways: for the first time, without a change, with one."""
    pulumi = bench.program("pulumi")
    if pulumi is None:
        yield missing("pulumi up")
        return
    for count in (FEW, MANY):
        for program in (
            Program("our program", REPOSITORY / "__main__.py"),
            Program("a bare loop", REPOSITORY / "bench" / "bare_loop.py", _write_objects),
        ):
            yield from _lines(bench, pulumi, program, bench.count(count))


def _lines(bench: Bench, pulumi: str, program: Program, workloads: int) -> Iterator[Line]:
    home = bench.folder / f"{program.name.rpartition(' ')[2]}-{workloads}"
    folder = home / "project"
    folder.mkdir(parents=True)
    write_large(folder, workloads)
    program.follow(bench, folder)
    with fresh_cluster(home.name, level="ready") as cluster:
        variables = {**offline_variables(home), **_SETTINGS, "KUBECONFIG": cluster["KUBECONFIG"]}
        make_project(folder, program.main, pulumi, variables)
        words = [pulumi, "up", "--yes", "--skip-preview", "--non-interactive", "--stack", ENVIRONMENT]
        steps = [Step(words, folder, variables, longest=_LONGEST)]
        name = f"{program.name}, {workloads:,} workloads"
        yield bench.once(f"first up of {name}", steps)
        yield bench.once("up without a change", steps)
        _change(folder)
        program.follow(bench, folder)
        yield bench.once("up with one change", steps)


def _write_objects(bench: Bench, folder: Path) -> None:
    """Write the objects for the loop, which waits for what our program waits for."""
    path = folder / "objects.json"
    bench.module("bench.objects", folder, path)
    objects = json.loads(path.read_text())
    for item in objects:
        if item["kind"] == "Service":
            item["metadata"]["annotations"] = {**(item["metadata"].get("annotations") or {}), **SKIP}
    path.write_text(json.dumps(objects))


def _change(folder: Path) -> None:
    release = folder / "environments" / "releases" / ENVIRONMENT / APP / "workload-0000.yaml"
    release.write_text(release.read_text().replace("1.2.3", "1.2.4"))


ROWS = (
    Row(
        "up",
        f"bring {FEW} and {MANY:,} workloads up with Pulumi, four objects each",
        "each 1.1 x the bare loop; four times the objects in 4.5 x the time",
        update,
    ),
)
