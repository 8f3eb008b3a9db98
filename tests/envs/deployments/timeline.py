"""Deployments on a time line, for tests: letters are commits, each after the one before in the alphabet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from envs.deployments.record import Deployment, Result

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
OK, FAILED, REJECTED = Result.SUCCEEDED, Result.FAILED, Result.REJECTED


def commit(letter: str) -> str:
    """Id of a commit on the main branch."""
    return f"{ord(letter):040x}"


def tree(number: int) -> str:
    """Id of a tree."""
    return f"{number:040x}"


def minute(number: int) -> datetime:
    """Return a point on the line."""
    return START + timedelta(minutes=number)


def contains(one: str, other: str) -> bool:
    """Whether a commit is another one or comes after it."""
    return one >= other


def deployed(environment: str, letter: str, number: int, at: int, result: Result = OK) -> Deployment:
    """Record that a commit with a tree was deployed at a minute."""
    return Deployment(
        commit=commit(letter), environment=environment, tree=tree(number), at=minute(at), result=result
    )
