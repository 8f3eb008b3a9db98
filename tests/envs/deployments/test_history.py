"""What the record of deployments answers: what runs, since when."""

from __future__ import annotations

import pytest

from envs.deployments.history import History
from envs.deployments.record import Deployment
from tests.envs.deployments.timeline import FAILED, REJECTED, commit, deployed, minute, tree


def test_an_environment_without_deployments_runs_nothing_that_is_known() -> None:
    history = History([deployed("e2e", "a", 1, 0)])
    assert history.running("qa") is None
    assert history.newest("qa") is None
    assert history.ran_tree_since("qa", tree(1)) is None


@pytest.mark.parametrize(
    ("records", "runs", "since", "failed"),
    [
        ([deployed("qa", "a", 1, 0)], "a", 0, False),
        ([deployed("qa", "b", 2, 9), deployed("qa", "a", 1, 0)], "b", 9, False),
        ([deployed("qa", "a", 1, 0), deployed("qa", "b", 1, 5)], "b", 0, False),
        ([deployed("qa", "a", 1, 0), deployed("qa", "b", 2, 5), deployed("qa", "a", 1, 7)], "a", 7, False),
        ([deployed("qa", "a", 1, 0), deployed("qa", "b", 2, 5, FAILED)], "b", 5, True),
        ([deployed("qa", "a", 1, 0), deployed("qa", "b", 2, 5, REJECTED)], "a", 0, False),
        ([deployed("qa", "a", 1, 0), deployed("prod", "b", 2, 5)], "a", 0, False),
    ],
    ids=["one", "any order", "same tree again", "back and forth", "failed", "rejected", "others"],
)
def test_the_newest_deployment_that_began_is_what_runs(
    records: list[Deployment], runs: str, since: int, failed: bool
) -> None:
    running = History(records).running("qa")

    assert running is not None
    assert (running.deployment.commit, running.since, running.failed) == (commit(runs), minute(since), failed)


def test_a_tree_runs_since_the_last_break() -> None:
    history = History(
        [
            deployed("qa", "a", 1, 0),
            deployed("qa", "b", 1, 5, FAILED),
            deployed("qa", "c", 1, 10),
            deployed("qa", "d", 1, 20),
        ]
    )
    assert history.ran_tree_since("qa", tree(1)) == minute(10)
    assert history.ran_tree_since("qa", tree(2)) is None
