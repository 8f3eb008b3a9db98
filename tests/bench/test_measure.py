"""The bench measures real processes and says in one line why it could not."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.measure import Measurement, Step, StepError, measure
from bench.row import Bench, missing


def python(code: str, folder: Path, fine: frozenset[int] = frozenset({0})) -> Step:
    return Step([sys.executable, "-c", code], folder, fine=fine)


def test_the_memory_is_that_of_the_largest_process(tmp_path: Path) -> None:
    large = python("memory = b'x' * (200 * 1024 * 1024)", tmp_path)
    result = measure([large, python("pass", tmp_path)], runs=1)
    assert result.peak is not None
    assert result.peak >= 200


def test_the_memory_of_processes_that_run_at_the_same_time_can_be_added_up(tmp_path: Path) -> None:
    code = """if True:
        import os, time
        child = os.fork()
        memory = b'x' * (100 * 1024 * 1024)
        time.sleep(0.5)
        child and os.wait()
    """
    result = measure([replace(python(code, tmp_path), together=True)], runs=1)
    assert result.peak is not None
    assert 200 <= result.peak < 300


def test_every_run_is_prepared_and_the_first_is_not_counted(tmp_path: Path) -> None:
    prepared: list[None] = []
    result = measure([python("pass", tmp_path)], runs=3, prepare=lambda: prepared.append(None))
    assert len(result.seconds) == 3
    assert len(prepared) == 4


def test_slow_work_runs_once(tmp_path: Path) -> None:
    assert len(measure([python("pass", tmp_path)], runs=3, slow=0).seconds) == 1


def test_a_failure_is_told_by_the_last_line_of_the_program(tmp_path: Path) -> None:
    line = Bench(tmp_path, 1).line("sample", [python("raise SystemExit('no such folder')", tmp_path)])
    assert isinstance(line.result, str)
    assert line.result.endswith("ended with 1: no such folder")


def test_exit_codes_that_mean_a_difference_are_no_failure(tmp_path: Path) -> None:
    differs = python("raise SystemExit(1)", tmp_path, frozenset({0, 1}))
    assert isinstance(measure([differs], runs=1), Measurement)
    with pytest.raises(StepError):
        measure([python("raise SystemExit(2)", tmp_path, frozenset({0, 1}))], runs=1)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert Bench(tmp_path, 1).program("no-such-program") is None
    assert missing("kubectl").result == "is not on this machine; left out"
