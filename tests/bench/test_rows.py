"""The rows of the table: which there are, and what they say where something is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import __main__ as bench_main
from bench.job.sets import applications, network_policies
from bench.roots import ENVIRONMENT
from bench.row import Bench, Line, Row
from bench.scale import change, write_environments
from bench.writing import WAYS
from envs.config.load import load
from envs.config.model.workload import Serving
from localkube.errors import ClusterError


def test_the_help_names_all_rows_those_of_the_job_included() -> None:
    command = [sys.executable, "-m", "bench", "--help"]
    wide = {**os.environ, "COLUMNS": "400"}  # no name is broken at its dash
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=wide).stdout
    for name in ("shop", "scale", "job-networkpolicies", "job-applications"):
        assert name in said


def test_a_row_that_needs_a_cluster_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other rows are printed all the same."""

    def lines(bench: Bench) -> Iterator[Line]:
        yield Line("first", f"works in {bench.runs} run")
        raise ClusterError("No cluster: install Go\nor start Docker")

    monkeypatch.setattr(bench_main, "ROWS", {"sample": Row("sample", "do some work", "", lines)})
    monkeypatch.setattr(sys, "argv", ["bench", "--runs", "1"])
    bench_main.main()
    assert capsys.readouterr().out.splitlines()[3:] == [
        "",
        "sample: do some work",
        "  first: works in 1 run",
        "  the rest is left out: No cluster: install Go or start Docker",
    ]


def test_the_environments_of_the_scale_share_a_cluster_and_are_sound(tmp_path: Path) -> None:
    write_environments(tmp_path, 3, 2)
    environments = load(tmp_path).environments
    assert [len(environment.apps) for environment in environments.values()] == [2, 2, 2]
    first = next(iter(environments.values()))
    assert all(environment.cluster == first.cluster for environment in environments.values())


def test_both_ways_of_writing_leave_the_same_files(tmp_path: Path) -> None:
    files = {f"rendered/{ENVIRONMENT}/fence/{number}.yaml": f"a: {number}\n".encode() for number in range(3)}
    for way, write in WAYS.items():
        write(tmp_path / way, files)
    written = [{path.name: path.read_bytes() for path in (tmp_path / way).rglob("*.yaml")} for way in WAYS]
    assert written == [{Path(path).name: data for path, data in files.items()}] * len(WAYS)


def test_the_change_that_is_commented_on_reaches_every_environment(tmp_path: Path) -> None:
    write_environments(tmp_path, 2, 2)
    change(tmp_path)
    for environment in load(tmp_path).environments.values():
        first, second = environment.apps.values()
        assert [*first.flows] == ["visitors"]
        webs = [app.workloads["web"] for app in (first, second)]
        assert [web.fewest for web in webs if isinstance(web, Serving)] == [3, 2]


def test_the_sets_of_the_job_hold_as_many_objects_as_the_rows_say() -> None:
    assert [sum(map(len, make.values())) for make in (network_policies(1500), applications(4000))] == [
        1500,
        4000,
    ]
    assert sum(map(len, network_policies(15).values())) == 15
