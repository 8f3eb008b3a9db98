"""Proves the evidence of promotions again, from Git alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from components.objects.rendered import app_folder
from envs.checkout.commits import Commits
from envs.checkout.log import describe, first_parents, read_at
from envs.checkout.repository import Repository
from envs.config.load import Configuration
from envs.config.model.release import Promoted, Release
from envs.deployments.notes import read_history
from envs.releases.document import CARRIED, carried_fields, image_of
from envs.releases.target import Target, read_release, released
from kube.moments import moment

_SHORT = 12


class Proof(StrEnum):
    """How far evidence is proven."""

    PROVEN = "proven"
    ASSERTED = "asserted"
    """Git proves where it came from; only the evidence itself says since when it ran there."""
    UNVERIFIED = "unverified"
    """This clone cannot tell: it lacks what the evidence names."""
    WRONG = "wrong"
    """Git contradicts the evidence."""
    FORCED = "forced"
    """Somebody promoted it in spite of what was in the way."""
    NONE = "none"
    """It came by another way than a promotion."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What is proven of one release."""

    target: Target
    image: str
    proof: Proof
    reason: str


def verify(configuration: Configuration, names: list[str]) -> Iterator[Verified]:
    """Prove the evidence of each release of environments that promote."""
    verifier = _Verifier(configuration)
    for name in names:
        if configuration.environments[name].promotes is None:
            continue
        for target, workload in released(configuration, name):
            release = workload.release
            if release is not None:
                proof, reason = verifier.prove(target, release)
                yield Verified(target, release.image, proof, reason)


class _Verifier:
    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        repository = Repository(configuration.root)
        self._commits = Commits(repository)
        self._history = read_history(repository)
        self._main = self._commits.main()

    def prove(self, target: Target, release: Release) -> tuple[Proof, str]:
        promoted = release.promoted
        promotes = self._configuration.environments[target.environment].promotes
        if release.forced is not None:
            return Proof.FORCED, release.forced
        if promoted is None or promotes is None:
            return Proof.NONE, "no evidence: it was not promoted"
        if promoted.from_ != promotes.from_:
            message = f"it names {promoted.from_}, and {target.environment} promotes from {promotes.from_}"
            return Proof.WRONG, message
        wrong = self._contradiction(target, release, promoted)
        if wrong is not None:
            return wrong
        return self._time(target, promoted, promotes.soak)

    def _contradiction(
        self, target: Target, release: Release, promoted: Promoted
    ) -> tuple[Proof, str] | None:
        commit = self._commits.find(promoted.commit)
        short = promoted.commit[:_SHORT]
        if commit is None:
            return Proof.UNVERIFIED, f"this clone has no commit {short}; fetch the whole history"
        if not self._commits.contains(self._main, commit):
            return Proof.WRONG, f"the commit {short} is not on the main branch"
        file = Target(promoted.from_, target.app, target.workload).file
        before = read_at(self._configuration.root, commit, [file]).get(file)
        image = image_of(before, file)
        if image != release.image:
            return Proof.WRONG, f"{file} at {short} releases {image or 'no image'}, not {release.image}"
        other = self._other_field(target, carried_fields(before, file))
        if other is not None:
            return Proof.WRONG, f"{file} at {short} has another `{other}` than {target.file}"
        tree = self._commits.tree(commit, app_folder(promoted.from_, target.app))
        if tree != promoted.tree:
            return (
                Proof.WRONG,
                f"the rendered {target.app} at {short} is the tree {tree}, not {promoted.tree}",
            )
        return None

    def _other_field(self, target: Target, before: Mapping[str, Any]) -> str | None:
        """Find a field that a promotion copies and that is another one now than it was there."""
        now = carried_fields(read_release(self._configuration.root, target), target.file)
        return next((key for key in CARRIED if before.get(key) != now.get(key)), None)

    def _time(self, target: Target, promoted: Promoted, soak: dt.timedelta) -> tuple[Proof, str]:
        """Compare the time that a release ran with what was asked for and with the record of deployments."""
        if promoted.since is None:
            return Proof.WRONG, "it does not say since when the release ran there, and was not forced"
        since = dt.datetime.fromisoformat(promoted.since)
        short = self._promoted_at(target) - since
        if short < soak:
            return Proof.WRONG, f"it had run in {promoted.from_} for {short}, and {soak} are asked for"
        recorded = [
            each.at
            for each in self._history.of(promoted.from_)
            if self._commits.contains(each.commit, promoted.commit)
        ]
        if not recorded:
            return Proof.ASSERTED, f"ran since {promoted.since}, which no record of deployments here confirms"
        first = min(recorded)
        if first > since:
            return (
                Proof.WRONG,
                f"ran since {moment(first)} according to the record of deployments, not {promoted.since}",
            )
        return Proof.PROVEN, f"ran in {promoted.from_} since {promoted.since}" + (
            f", {soak} were asked for" if soak else ""
        )

    def _promoted_at(self, target: Target) -> dt.datetime:
        """Find when the release was committed; now where it is not."""
        root = self._configuration.root
        commits = describe(root, first_parents(root, [target.file], most=1))
        return next((commit.at for commit in commits.values()), dt.datetime.now(tz=dt.UTC))
