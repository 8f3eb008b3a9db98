"""Decides whether a commit may be deployed to an environment now; pure, on facts that were read from Git.

A commit is contained in a deployment of an environment if the deployed commit is this commit or one of its
descendants, or if the rendered tree of the environment is the same in both. It may go to an environment when the
environment before it, named by `promotes.from`, runs a deployment that contains it, and has done so without a
break for at least `promotes.after`. A failed deployment is a break, and so is one of a commit that does not contain it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from envs.deployments.history import History
from envs.deployments.record import Deployment, Result
from kube.moments import moment

_LOOKED_BACK = 50  # deployments of the environment before that are looked at


class State(StrEnum):
    """What may happen with a commit in an environment."""

    READY = "ready"
    """It may go."""
    UNCHANGED = "unchanged"
    """The environment already runs what the commit says."""
    WAITING = "waiting"
    """The environment before it has not run the commit, or not for long enough."""
    STOPPED = "stopped"
    """It was tried and failed, was rejected or rolled back: a person decides."""
    REFUSED = "refused"
    """It may not go at all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a commit may go to an environment, why, and since or from when."""

    environment: str
    state: State
    reason: str
    at: datetime | None = None
    """When a waiting commit may go if nothing happens until then; None if that depends on more than time."""

    commit: str = ""
    """The commit that was judged."""


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The environment before one, and what a commit is in it."""

    name: str
    soak: timedelta
    tree: str | None
    """Rendered tree of the predecessor in the commit."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A commit for an environment."""

    environment: str
    commit: str
    tree: str
    """Rendered tree of the environment in the commit."""
    predecessor: Predecessor | None
    contains: Callable[[str, str], bool]
    """Whether the first commit contains the second: is it, or has it among its ancestors."""


def judge(candidate: Candidate, history: History, now: datetime) -> Verdict:
    """Decide whether an automatic deployment may start now."""
    verdict = _judge_by_own_record(candidate, history) or _judge_by_predecessor(candidate, history, now)
    return replace(verdict, commit=candidate.commit)


def judge_newest(
    candidate: Candidate, history: History, now: datetime, at: Callable[[str], Candidate | None]
) -> Verdict:
    """Decide about a commit or, while it waits, about the newest one that the environment before has run long enough.

    Otherwise commits that follow each other faster than `promotes.after` would keep all of them waiting. `at` makes
    the candidate of another commit, or None if it is not known any more. The verdict names the commit; it is that on
    `candidate` unless an earlier commit is ready.
    """
    newest = judge(candidate, history, now)
    if newest.state is not State.WAITING or candidate.predecessor is None:
        return newest
    for commit in _ran(history, candidate.predecessor.name):
        earlier = at(commit)
        if earlier is None or commit == candidate.commit:
            continue
        verdict = judge(earlier, history, now)
        if verdict.state is State.READY:
            return verdict
        if verdict.state is not State.WAITING:
            break  # what runs here already is this commit, or is newer
    return newest


def _ran(history: History, environment: str) -> list[str]:
    """List the commits that were deployed to an environment, the newest deployment first, each once."""
    good = [each.commit for each in history.of(environment) if each.result is Result.SUCCEEDED]
    return list(dict.fromkeys(reversed(good)))[:_LOOKED_BACK]


def _judge_by_own_record(candidate: Candidate, history: History) -> Verdict | None:
    """Find a reason not to start in what was deployed to the environment itself."""
    name = candidate.environment
    running, newest = history.running(name), history.newest(name)
    for each in (running.deployment if running else None, newest):
        if each is not None and each.tree == candidate.tree:
            return _judge_same(each, history)
    return _judge_order(candidate, running.deployment, history) if running else None


def _judge_order(candidate: Candidate, runs: Deployment, history: History) -> Verdict | None:
    """Never go back, and never again to what was rolled back."""
    name, contains = candidate.environment, candidate.contains
    if runs.commit != candidate.commit and contains(runs.commit, candidate.commit):
        reason = f"{_short(runs.commit)}, which was deployed at {moment(runs.at)}, is newer"
        return Verdict(name, State.STOPPED, reason)
    left = [each for each in history.of(name) if each.commit != runs.commit]
    if any(each.tree == candidate.tree and contains(each.commit, runs.commit) for each in left):
        reason = f"was rolled back to {_short(runs.commit)} at {moment(runs.at)}"
        return Verdict(name, State.STOPPED, f"{reason}; revert the change, or deploy the commit by name")
    return None


def _judge_same(newest: Deployment, history: History) -> Verdict:
    name = newest.environment
    if newest.result is Result.SUCCEEDED:
        since = history.ran_tree_since(name, newest.tree) or newest.at
        return Verdict(name, State.UNCHANGED, f"runs since {moment(since)}")
    run = f" ({newest.run})" if newest.run else ""
    reason = f"the deployment of {_short(newest.commit)} {_ended(newest)} at {moment(newest.at)}{run}"
    return Verdict(name, State.STOPPED, f"{reason}; deploy it again by name, or change what is wrong")


def _ended(deployment: Deployment) -> str:
    return "failed" if deployment.result is Result.FAILED else "was rejected"


def _judge_by_predecessor(candidate: Candidate, history: History, now: datetime) -> Verdict:
    name, before = candidate.environment, candidate.predecessor
    if before is None:
        return Verdict(name, State.READY, "it is the first environment")
    since = history.ran_since(before.name, lambda each: _includes(candidate, before, each))
    if since is None:
        return Verdict(name, State.WAITING, _why_not(before, history))
    due = since + before.soak
    if due > now:
        reason = f"{before.name} runs it since {moment(since)}, and must run it until {moment(due)}"
        return Verdict(name, State.WAITING, reason, due)
    return Verdict(name, State.READY, f"{before.name} runs it since {moment(since)}")


def _includes(candidate: Candidate, before: Predecessor, deployment: Deployment) -> bool:
    if deployment.tree == before.tree or deployment.commit == candidate.commit:
        return True
    return candidate.contains(deployment.commit, candidate.commit)


def _why_not(before: Predecessor, history: History) -> str:
    running = history.running(before.name)
    if running is None:
        return f"no deployment of {before.name} is recorded, which comes first"
    commit, at = _short(running.deployment.commit), moment(running.deployment.at)
    if running.failed:
        return f"the deployment of {commit} to {before.name}, which comes first, failed at {at}"
    return f"{before.name}, which comes first, runs {commit} since {at}, which does not contain it"


def _short(commit: str) -> str:
    return commit[:12]
