"""Whether the job runs as often as the layers say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from envs.config.load import load
from envs.live.punctuality import last_run_of
from tests.roots import make_root

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
QA = """\
tier: test
gitops: {{image: 'registry.example.com/gitops:1.0.0', repo: 'https://git.example.com/a.git'{more}}}
"""


@pytest.mark.parametrize(
    ("more", "minutes", "late"),
    [
        ("", 15, ""),
        (
            "",
            16,
            "the job has not run since 2026-11-21T02:44:00Z, and it should run every 5 minutes; look at it with",
        ),
        (", schedule: '0 * * * *'", 170, ""),
        (", schedule: '0 * * * *'", 190, "it should run every 60 minutes"),
        (", interval: 90", 4, ""),
        (", interval: 90", 5, "it should run every 90 seconds"),
        (", schedule: '0 4 * * 1'", 60 * 24 * 30, ""),
        (", suspend: true", 16, "it should run every 5 minutes; the layers suspend it"),
    ],
)
def test_three_intervals_without_a_run_are_late(tmp_path: Path, more: str, minutes: int, late: str) -> None:
    """A schedule that does not run on every day says nothing."""
    job = load(make_root(tmp_path, {"qa.yaml": QA.format(more=more)})).environment("qa").gitops
    assert job is not None
    found = last_run_of("qa", job, NOW - timedelta(minutes=minutes), NOW)
    assert bool(found.late) is bool(late)
    assert late in found.late


def test_without_a_time_nothing_is_late(tmp_path: Path) -> None:
    """The job has not run yet, or the rights do not cover its Lease."""
    job = load(make_root(tmp_path, {"qa.yaml": QA.format(more="")})).environment("qa").gitops
    assert job is not None
    assert last_run_of("qa", job, None, NOW).late == ""
