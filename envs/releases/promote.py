"""Promotions: the releases of one environment in the next, with evidence of where and how long they ran."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.objects.rendered import app_folder
from envs.checkout.commits import Commits
from envs.checkout.log import read_at
from envs.checkout.repository import Repository
from envs.config.load import Configuration
from envs.deployments.history import History
from envs.deployments.notes import FETCH, read_history
from envs.deployments.record import Deployment
from envs.errors import CommandError, Exit
from envs.releases.change import Change, Decide
from envs.releases.document import CARRIED, carried_fields, fields_of, with_fields
from envs.releases.holds import check_holds
from envs.releases.image import NewImage, subject
from envs.releases.target import Target, find_environment, find_targets, read_release, released
from gitops.cluster.health import Health
from kube.moments import moment

_GOOD = {Health.HEALTHY, Health.SUSPENDED}
_SHORT = 12


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """What is known of the health of the source; nothing stops where nobody was asked."""

    apps: Mapping[str, str] | None = None
    """The health of each app; None where nobody was asked."""
    unknown: str = ""
    """Why nothing is known, where somebody was asked."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What is asked for."""

    source: str
    destination: str
    apps: Sequence[str]
    """Apps, or APP/WORKLOAD; none for all."""
    forced: str | None
    """Why what is in the way is to be ignored; written into the evidence."""
    now: dt.datetime
    health: SourceHealth


@dataclass(frozen=True, slots=True)
class _Move:
    """One release that goes on."""

    origin: Target
    target: Target
    data: bytes


def promote(asked: Promotion) -> Decide:
    """Copy releases to the environment that promotes from theirs; never skips one in between."""

    def decide(configuration: Configuration) -> Change:
        _check_chain(configuration, asked)
        moves = list(_moves(configuration, asked))
        check_holds(configuration, [move.target for move in moves])
        evidence = _Evidence(configuration, asked)
        files = {move.target.file: _promoted(configuration.root, move, *evidence.of(move)) for move in moves}
        return Change(asked.destination, files, _subject(configuration, asked, moves), _body(moves))

    return decide


def _check_chain(configuration: Configuration, asked: Promotion) -> None:
    find_environment(configuration, asked.source)
    promotes = find_environment(configuration, asked.destination).promotes
    if promotes is None:
        message = f"{asked.destination} promotes from no environment; say `promotes:` in its layer, or use set-image"
        raise CommandError(message, Exit.REFUSED)
    if promotes.from_ != asked.source:
        message = f"{asked.destination} promotes from {promotes.from_}, not from {asked.source}"
        advice = f"promote {asked.source} to the environment after it first, then {promotes.from_} {asked.destination}"
        raise CommandError(f"{message}; {advice}", Exit.REFUSED)


def _moves(configuration: Configuration, asked: Promotion) -> Iterator[_Move]:
    """Find the releases that differ between both environments, of workloads that both have."""
    wanted = {target for words in asked.apps for target in find_targets(configuration, asked.source, words)}
    apps = configuration.environments[asked.destination].apps
    for origin, _ in released(configuration, asked.source):
        if (asked.apps and origin not in wanted) or origin.app not in apps:
            continue
        if origin.workload not in apps[origin.app].workloads:
            continue
        target = Target(asked.destination, origin.app, origin.workload)
        data = read_release(configuration.root, origin)
        before = read_release(configuration.root, target)
        if data is not None and carried_fields(data, origin.file) != carried_fields(before, target.file):
            yield _Move(origin, target, data)


def _promoted(root: Path, move: _Move, evidence: Mapping[str, str], forced: str | None) -> bytes:
    said = fields_of(move.data, move.origin.file)
    fields = {**{key: said.get(key) for key in CARRIED}, "promoted": dict(evidence), "forced": forced}
    return with_fields(read_release(root, move.target), move.target.file, fields)


class _Evidence:
    """Finds where and since when a release ran; refuses what has not run there long enough."""

    def __init__(self, configuration: Configuration, asked: Promotion) -> None:
        self._root, self._asked = configuration.root, asked
        promotes = configuration.environments[asked.destination].promotes
        self._soak = promotes.soak if promotes is not None else dt.timedelta()
        repository = Repository(configuration.root)
        self._commits = Commits(repository)
        self._history: History = read_history(repository)

    def of(self, move: _Move) -> tuple[Mapping[str, str], str | None]:
        """Return the evidence of a release and why it was forced; raises CommandError where it would have to be."""
        origin, forced = move.origin, self._asked.forced
        deployment, since = self._run(move)
        problem = self._problem(move, deployment, since)
        if problem and forced is None:
            advice = 'promote it all the same with --force "REASON", which is written down'
            raise CommandError(f"{origin} in {origin.environment} {problem}; or {advice}", Exit.REFUSED)
        commit = deployment.commit if deployment is not None else self._commits.resolve("HEAD")
        evidence = {"from": origin.environment, "commit": commit, "tree": self._tree(commit, origin)}
        if since is not None:
            evidence["since"] = moment(since)
        return evidence, forced if problem else None

    def _run(self, move: _Move) -> tuple[Deployment | None, dt.datetime | None]:
        """Find the deployment that runs a release now, and since when it does without a break."""
        running = self._history.running(move.origin.environment)
        if running is None:
            return None, None
        since = self._history.ran_since(move.origin.environment, lambda each: self._has(each, move))
        return (running.deployment, since) if since is not None else (None, None)

    def _has(self, deployment: Deployment, move: _Move) -> bool:
        file = move.origin.file
        data = read_at(self._root, deployment.commit, [file]).get(file)
        return carried_fields(data, file) == carried_fields(move.data, file)

    def _problem(self, move: _Move, deployment: Deployment | None, since: dt.datetime | None) -> str:
        source = self._asked.source
        if deployment is None or since is None:
            return f"runs nowhere according to the record of deployments; deploy it, or bring the record: {FETCH}"
        ready = since + self._soak
        if ready > self._asked.now:
            return (
                f"runs since {moment(since)}, and may go on to {self._asked.destination} from {moment(ready)}"
            )
        return _sickness(self._asked.health, source, move.origin.app)

    def _tree(self, commit: str, origin: Target) -> str:
        folder = app_folder(origin.environment, origin.app)
        tree = self._commits.tree(commit, folder)
        if tree is None:
            message = f"the commit {commit[:_SHORT]} has no folder {folder}; run `envs render` and commit the result"
            raise CommandError(message, Exit.BAD_INPUT)
        return tree


def _sickness(known: SourceHealth, source: str, app: str) -> str:
    """Say why the health of an app stops it, or nothing."""
    if known.unknown:
        advice = f"make its cluster answer, or give --status FILE of `envs status {source} --format json`"
        return f"has an unknown health: {known.unknown}; {advice}"
    health = known.apps.get(app, Health.UNKNOWN) if known.apps is not None else Health.HEALTHY
    if health in _GOOD:
        return ""
    return f"is {health} according to the status of {source}; mend it there first"


def _subject(configuration: Configuration, asked: Promotion, moves: Sequence[_Move]) -> str:
    if len(moves) == 1:
        said = fields_of(moves[0].data, moves[0].origin.file)
        new = NewImage(said["image"], said.get("build"), said.get("source"))
        return subject(configuration.environments[asked.destination], moves[0].target, new)
    return f"{asked.destination}: promote {len(moves)} releases from {asked.source}"


def _body(moves: Sequence[_Move]) -> str:
    return "\n".join(
        f"{move.target}: {fields_of(move.data, move.origin.file).get('image')}" for move in moves
    )
