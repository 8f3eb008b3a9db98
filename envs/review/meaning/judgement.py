"""Findings of the policies that a change brings or solves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from envs.review.meaning.statement import Effect, Statement
from envs.review.naming import app_of
from policies.rule import Finding

_Key = tuple[str, ...]


def finding_changes(
    before: Iterable[Finding], now: Iterable[Finding], names: Collection[str]
) -> Iterator[Statement]:
    """Compare findings of these environments, wherever they are written."""
    was = {_key(finding): finding for finding in before if finding.environment in names}
    becomes = {_key(finding): finding for finding in now if finding.environment in names}
    for key, finding in becomes.items():
        if key not in was:
            yield _statement(Effect.FINDS, finding)
    for key, finding in was.items():
        if key not in becomes:
            yield _statement(Effect.SOLVES, finding)


def _key(finding: Finding) -> _Key:
    return finding.rule, finding.level, finding.environment, finding.object, finding.path, finding.message


def _statement(effect: Effect, finding: Finding) -> Statement:
    kind, *space, name = finding.object.split("/")
    place = "/".join([*(app_of(each, finding.environment) for each in space), name])
    origin = (finding.origin or "").rpartition(":")[0]
    text = f"{finding.level}: {finding.message} [{finding.rule}]"
    subject = f"{kind} {place} {finding.path}".rstrip()
    return Statement(effect, subject, text, finding.environment or "all environments", origin)
