"""Findings of the policies that a change brings or solves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from envs.review.causes.causes import UNKNOWN, Causes
from envs.review.causes.paths import app_in, paths_of
from envs.review.meaning.statement import Effect, Statement
from envs.review.naming import app_of
from policies.rule import Finding
from policies.subject import steps

_Key = tuple[str, ...]


def finding_changes(
    before: Iterable[Finding],
    now: Iterable[Finding],
    names: Collection[str],
    causes: Mapping[str, Causes],
) -> Iterator[Statement]:
    """Compare findings of these environments, wherever they are written."""
    was = {_key(finding): finding for finding in before if finding.environment in names}
    becomes = {_key(finding): finding for finding in now if finding.environment in names}
    for key, finding in becomes.items():
        if key not in was:
            origin = (finding.origin or "").rpartition(":")[0]
            origins = (origin,) if origin else _origins(finding, causes)
            yield _statement(Effect.FINDS, finding, origins)
    for key, finding in was.items():
        if key not in becomes:
            yield _statement(Effect.SOLVES, finding, _origins(finding, causes))


def _origins(finding: Finding, causes: Mapping[str, Causes]) -> tuple[str, ...]:
    """Find what of the layers solves or brings a finding: the values that its object is made from, else a release."""
    here = causes.get(finding.environment, UNKNOWN)
    kind, *space, name = finding.object.split("/")
    app = app_in(space[0] if space else "", finding.environment, here)
    paths = paths_of(kind, app, name, here)
    return (
        here.fitting(*paths, words=steps(finding.path))
        or here.of_code()
        or here.of(*paths)
        or here.of(("policies",), ("images",))
    )


def _key(finding: Finding) -> _Key:
    return finding.rule, finding.level, finding.environment, finding.object, finding.path, finding.message


def _statement(effect: Effect, finding: Finding, origins: tuple[str, ...]) -> Statement:
    kind, *space, name = finding.object.split("/")
    place = "/".join([*(app_of(each, finding.environment) for each in space), name])
    text = f"{finding.level}: {finding.message} [{finding.rule}]"
    subject = f"{kind} {place} {finding.path}".rstrip()
    return Statement(effect, subject, text, finding.environment or "all environments", origins)
