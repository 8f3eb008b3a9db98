"""A commit goes to an environment when the one before has run it for long enough, and never back by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from envs.deployments.history import History
from envs.deployments.readiness import Candidate, Predecessor, State, judge, judge_newest
from envs.deployments.record import Deployment
from tests.envs.deployments.timeline import (
    FAILED,
    REJECTED,
    commit,
    contains,
    deployed,
    minute,
    tree,
)

NOW = 60
QA = (deployed("qa", "a", 1, 0),)  # qa runs a; prod would get tree 9 with b


def candidate(letter: str = "b", own: int = 9, before: int = 2, soak: int = 30) -> Candidate:
    """Propose a commit for prod, which promotes from qa."""
    predecessor = Predecessor("qa", timedelta(minutes=soak), tree(before))
    return Candidate("prod", commit(letter), tree(own), predecessor, contains)


@pytest.mark.parametrize(
    ("records", "state", "at", "says"),
    [
        ([], State.WAITING, None, "no deployment of qa"),
        ([deployed("qa", "b", 2, 20)], State.READY, None, "qa runs it since 2026-11-20T10:20:00Z"),
        ([deployed("qa", "b", 2, 30)], State.READY, None, "since"),
        ([deployed("qa", "b", 2, 31)], State.WAITING, 61, "must run it until 2026-11-20T11:01:00Z"),
        ([deployed("qa", "b", 2, 20), deployed("qa", "c", 3, 50)], State.READY, None, "10:20:00Z"),
        ([deployed("qa", "c", 3, 20)], State.READY, None, "since"),
        ([deployed("qa", "a", 2, 20)], State.READY, None, "since"),
        (
            [*QA],
            State.WAITING,
            None,
            "runs 000000000000 since 2026-11-20T10:00:00Z, which does not contain it",
        ),
        ([deployed("qa", "b", 2, 0), deployed("qa", "a", 1, 50)], State.WAITING, None, "does not contain it"),
        ([deployed("qa", "b", 2, 0), deployed("qa", "c", 3, 50, FAILED)], State.WAITING, None, "failed"),
        (
            [deployed("qa", "b", 2, 0), deployed("qa", "c", 3, 40, FAILED), deployed("qa", "d", 3, 45)],
            State.WAITING,
            75,
            "must run it",
        ),
        ([deployed("qa", "b", 2, 0), deployed("qa", "c", 3, 50, REJECTED)], State.READY, None, "since"),
        ([deployed("e2e", "b", 2, 0)], State.WAITING, None, "no deployment of qa"),
        ([deployed("qa", "b", 2, 90)], State.WAITING, 120, "must run it"),
    ],
    ids=[
        "nothing",
        "long enough",
        "just now",
        "a minute too short",
        "descendants do not start the time again",
        "a descendant counts",
        "the same rendered tree counts",
        "an ancestor with another tree",
        "rolled back there",
        "failed there",
        "a failure starts the time again",
        "a rejection does not",
        "another environment",
        "a clock that is ahead",
    ],
)
def test_the_environment_before_has_run_the_commit(
    records: list[Deployment], state: State, at: int | None, says: str
) -> None:
    verdict = judge(candidate(), History(records), minute(NOW))

    assert (verdict.state, verdict.at) == (state, None if at is None else minute(at)), verdict.reason
    assert says in verdict.reason


def test_the_first_environment_waits_for_nobody() -> None:
    first = Candidate("qa", commit("b"), tree(2), None, contains)
    assert judge(first, History(), minute(0)).state is State.READY


@pytest.mark.parametrize(
    ("records", "state", "says"),
    [
        ([deployed("prod", "a", 9, 5)], State.UNCHANGED, "runs since 2026-11-20T10:05:00Z"),
        ([deployed("prod", "a", 8, 5)], State.READY, ""),
        ([deployed("prod", "b", 9, 5, FAILED)], State.STOPPED, "failed at 2026-11-20T10:05:00Z"),
        ([deployed("prod", "b", 9, 5, REJECTED)], State.STOPPED, "was rejected"),
        ([deployed("prod", "a", 9, 1), deployed("prod", "b", 8, 5, REJECTED)], State.UNCHANGED, "runs since"),
        ([deployed("prod", "c", 8, 5)], State.STOPPED, "is newer"),
        ([deployed("prod", "b", 9, 1), deployed("prod", "a", 8, 5)], State.STOPPED, "was rolled back to"),
        ([deployed("prod", "b", 7, 1), deployed("prod", "a", 8, 5)], State.READY, ""),
    ],
    ids=[
        "runs already",
        "something else runs",
        "failed",
        "rejected",
        "another commit was rejected",
        "a newer commit runs",
        "rolled back by hand",
        "rolled back, and changed since",
    ],
)
def test_nothing_starts_twice_or_goes_back_by_itself(
    records: list[Deployment], state: State, says: str
) -> None:
    verdict = judge(candidate(), History([deployed("qa", "b", 2, 0), *records]), minute(NOW))

    assert verdict.state is state, verdict.reason
    assert says in verdict.reason


def newest(letter: str, trees: dict[str, int], records: list[Deployment]) -> tuple[State, str]:
    """Judge a commit with --newest; `trees` are the rendered trees of prod by commit."""

    def at(found: str) -> Candidate | None:
        known = {commit(name): name for name in trees}
        name = known.get(found)
        return candidate(name, trees[name], before=ord(name)) if name else None

    verdict = judge_newest(
        candidate(letter, trees[letter], before=ord(letter)), History(records), minute(NOW), at
    )
    return verdict.state, verdict.commit


def test_commits_that_follow_each_other_fast_do_not_keep_each_other_waiting() -> None:
    """The newest one that ran for long enough goes on."""
    trees = {"a": 1, "b": 2, "c": 3, "d": 4}
    runs = [
        deployed("qa", name, ord(name), 10 + 15 * number) for number, name in enumerate("abc")
    ]  # 10, 25, 40
    ran = deployed("prod", "a", 1, 20)
    assert newest("d", trees, runs) == (State.READY, commit("b"))
    assert newest("d", trees, [*runs, ran]) == (State.READY, commit("b"))
    assert newest("d", trees, [*runs, ran, deployed("prod", "b", 2, 50)]) == (State.WAITING, commit("d"))


def test_a_commit_that_failed_or_is_forgotten_is_passed_over() -> None:
    trees = {"a": 1, "c": 3}
    runs = [deployed("qa", "a", ord("a"), 0), deployed("qa", "b", ord("b"), 5)]
    assert newest("c", trees, runs) == (State.READY, commit("a"))
    failed = deployed("prod", "a", 1, 50, FAILED)
    assert newest("c", trees, [*runs, failed]) == (State.WAITING, commit("c"))


def test_a_ready_commit_is_taken_before_all_others() -> None:
    trees = {"a": 1, "b": 2}
    runs = [deployed("qa", "a", ord("a"), 0), deployed("qa", "b", ord("b"), 5)]
    assert newest("b", trees, runs) == (State.READY, commit("b"))
