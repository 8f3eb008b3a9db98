"""How far the job is, from what it reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.config.load import load
from envs.config.model.environment import Environment
from envs.errors import Exit
from envs.live.following import progress_of
from tests.roots import make_root

QA = """\
tier: test
cluster: {{context: test, apiServer: 10.0.0.10/32}}
apps: {{shop: {{delivery: pull{app}}}}}
gitops: {{image: 'registry.example.com/gitops:1.0.0', repo: 'https://git.example.com/a.git'{job}}}
"""
TREES = {"new": "t2", "same": "t2", "old": "t1", "later": "t3"}
GOOD = {"sync": "InSync", "health": "Healthy"}


def environment(folder: Path, app: str = "", job: str = "") -> Environment:
    """Give an environment with one pulled app."""
    return load(make_root(folder, {"qa.yaml": QA.format(app=app, job=job)})).environment("qa")


def tree(commit: str, _folder: str) -> str | None:
    """Tree of a commit."""
    return TREES.get(commit)


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        ({}, Exit.FOUND, "has not reported yet"),
        ({"revision": "new"} | GOOD, Exit.FINE, "InSync Healthy at new"),
        ({"revision": "same"} | GOOD, Exit.FINE, "InSync Healthy at same"),
        ({"revision": "new"} | GOOD | {"health": "Suspended"}, Exit.FINE, "Suspended"),
        ({"revision": "old"} | GOOD, Exit.FOUND, "the job is at old"),
        ({"revision": "later"} | GOOD, Exit.FOUND, "the job is at later"),
        ({"revision": "unknown here"} | GOOD, Exit.FOUND, "the job is at unknown here"),
        ({"revision": ""} | GOOD, Exit.FOUND, "the job is at no commit"),
        ({"revision": "new"} | GOOD | {"health": "Progressing"}, Exit.FOUND, "Progressing"),
        ({"revision": "new"} | GOOD | {"health": "Degraded"}, Exit.UNHEALTHY, "Degraded"),
        (
            {"revision": "new", "sync": "OutOfSync", "health": "Unknown", "message": "no"},
            Exit.UNHEALTHY,
            ": no",
        ),
        ({"revision": "new", "sync": "OutOfSync", "health": "Healthy"}, Exit.FOUND, "OutOfSync"),
        ({"revision": "new"}, Exit.UNHEALTHY, "Unknown Unknown"),
    ],
)
def test_an_app_has_arrived_when_the_job_has_its_tree_in_sync_and_healthy(
    tmp_path: Path, status: dict[str, str], code: Exit, says: str
) -> None:
    (progress,) = progress_of(environment(tmp_path), "new", {"shop": status}, tree)

    assert (progress.app, progress.code) == ("shop", code)
    assert says in progress.text


def test_a_suspended_app_is_not_awaited(tmp_path: Path) -> None:
    (progress,) = progress_of(environment(tmp_path, ", gitops: {suspend: true}"), "new", {}, tree)
    assert (progress.arrived, "suspended" in progress.text) == (True, True)


def test_a_job_with_a_revision_of_its_own_follows_no_commit_of_the_pipeline(tmp_path: Path) -> None:
    status = {"shop": {"revision": "v1.0.0"} | GOOD}
    (progress,) = progress_of(environment(tmp_path, job=", revision: stable"), "new", status, tree)
    assert progress.arrived
