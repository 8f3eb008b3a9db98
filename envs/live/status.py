"""Determines the state of each app of an environment in its cluster; needs read permissions only."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from components.objects.manifest import Manifest, Part
from envs.config.model.environment import Environment
from envs.live.accounting import foreign_of
from envs.live.pods import causes
from envs.live.punctuality import LastRun, last_run_of
from gitops.cluster import health
from gitops.cluster.health import Health
from gitops.direct import LiveEnvironment, last_run, statuses
from gitops.engine.observe import Observation, observe
from gitops.errors import ClusterError
from gitops.objects import Key, key_of
from gitops.report.account import Account
from gitops.report.outcome import Sync
from kube.pods import images

JOB = "gitops"  # the job and its fence, shown like an app
_FORBIDDEN = 403
_UNWELL = {Health.PROGRESSING, Health.DEGRADED}
_NEVER = LastRun(None, "")


@dataclass(frozen=True, slots=True)
class RunningImage:
    """The image of a live container and the one in the layers; either may be absent."""

    workload: str
    container: str
    running: str | None
    wanted: str | None


@dataclass(frozen=True, slots=True)
class AppStatus:
    """The state of one app."""

    name: str
    delivery: str
    sync: Sync
    health: Health
    revision: str
    """Commit that the job follows, or that was deployed last, if it is recorded."""
    images: tuple[RunningImage, ...]
    messages: tuple[str, ...]
    repairs: tuple[str, ...] = ()
    """What the job has repaired last: when, object, field, values, and who had set it when."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values in the order of the fields."""
        return asdict(self) | {"images": [asdict(image) for image in self.images]}


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """The state of one environment."""

    apps: tuple[AppStatus, ...]
    job: LastRun
    account: Account


@dataclass(frozen=True, slots=True)
class Asked:
    """One environment, and what its cluster is asked about."""

    environment: LiveEnvironment
    model: Environment
    manifests: Sequence[Manifest]
    deployed: str
    """Commit of the last recorded deployment; empty if there is none."""
    now: datetime

    def status(self) -> EnvironmentStatus:
        """Ask; raises GitOpsError for the wrong cluster and for one that does not answer."""
        self.environment.check()
        job = self._job()
        found = foreign_of(self.environment, self.model, self.manifests)
        return EnvironmentStatus(tuple(self._apps(job)), job, found)

    def _job(self) -> LastRun:
        if self.model.gitops is None or not self.model.pulled():
            return _NEVER
        try:
            at = last_run(self.environment.cluster, self.model.name)
        except ClusterError as error:
            if error.status != _FORBIDDEN:
                raise
            return _NEVER
        return last_run_of(self.model.name, self.model.gitops, at, self.now)

    def _apps(self, job: LastRun) -> Iterator[AppStatus]:
        by_app: dict[str, list[Manifest]] = defaultdict(list)
        for each in self.manifests:
            by_app[each.app or JOB].append(each)
        said = self._said()
        for name, found in by_app.items():
            seen = observe(self.environment.cluster, [each.object for each in found])
            if name in self.model.pulled():
                status = self._explained(_pulled(name, found, seen, said.get(name, {})))
                yield _outdated(status, job) if job.late else status
            else:
                status = self._explained(_pushed(name, found, seen, self.deployed))
                yield (
                    replace(status, messages=(job.late, *status.messages))
                    if name == JOB and job.late
                    else status
                )

    def _explained(self, status: AppStatus) -> AppStatus:
        """Add what the pods of an app say, where it is not healthy."""
        if status.name == JOB or status.health not in _UNWELL:
            return status
        why = tuple(causes(self.environment.cluster, self.model.namespace(status.name)))
        return replace(status, messages=(*status.messages, *why))

    def _said(self) -> Mapping[str, Mapping[str, str]]:
        """Read what the job has reported, if the permissions allow it."""
        if not self.model.pulled():
            return {}
        try:
            return statuses(self.environment.cluster, self.model.name)
        except ClusterError as error:
            if error.status != _FORBIDDEN:
                raise
            return {}


def _pushed(name: str, manifests: Sequence[Manifest], seen: Observation, deployed: str) -> AppStatus:
    """Judge what is pushed by the live objects."""
    running = tuple(_images(manifests, seen))
    return AppStatus(name, "push", seen.sync, seen.health, deployed, running, tuple(_messages(seen)))


def _pulled(
    name: str, manifests: Sequence[Manifest], seen: Observation, said: Mapping[str, str]
) -> AppStatus:
    """Judge the fence of a pulled app by the live objects, and its workloads by the report of its job.

    The job follows a commit of its own, so workloads that differ from this checkout are not drift.
    """
    own = seen.only(key_of(each.object) for each in manifests if each.part is Part.FENCE)
    reported = Health(said.get("health", Health.UNKNOWN))
    words = said.get("message", "" if said else "the GitOps job has not reported yet").splitlines()
    words += said.get("unhealthy", "").splitlines()
    return AppStatus(
        name,
        "pull",
        _worse(own.sync, Sync(said.get("sync", Sync.UNKNOWN))),
        health.worst([health.Assessment(own.health), health.Assessment(reported)]),
        said.get("revision", ""),
        tuple(_images(manifests, seen)),
        (*_messages(own), *words),
        tuple(_repairs(said)),
    )


def _outdated(status: AppStatus, job: LastRun) -> AppStatus:
    """Say that nothing is known: what the job has reported was true once."""
    return replace(status, sync=Sync.UNKNOWN, health=Health.UNKNOWN, messages=(job.late, *status.messages))


def _repairs(said: Mapping[str, str]) -> Iterator[str]:
    """Find the last run in the history that has repaired something."""
    rows = (json.loads(line) for line in said.get("history", "").splitlines())
    last: Mapping[str, Any] = next((row for row in rows if row.get("repairs")), {})
    yield from (f"repaired {last['finished']}: {line}" for line in last.get("repairs", ()))


def _worse(one: Sync, other: Sync) -> Sync:
    return next((word for word in (Sync.OUT_OF_SYNC, Sync.UNKNOWN) if word in {one, other}), Sync.IN_SYNC)


def _messages(seen: Observation) -> list[str]:
    lines = [f"{key} does not exist" for key in seen.missing]
    lines += [f"{each.key} differs: {each.summary}" for each in seen.drifted if each.differences]
    for key, body in sorted(seen.live.items()):
        finding = health.assess(body)
        if finding.health not in {Health.HEALTHY, Health.SUSPENDED}:
            lines.append(f"{key} is {finding.health}: {finding.message}")
    return [*lines, *(f"you have no permission to read {kind}" for kind in seen.unseen)]


def _images(manifests: Iterable[Manifest], seen: Observation) -> Iterator[RunningImage]:
    for each in manifests:
        if each.part is not Part.WORKLOAD:
            continue
        key: Key = key_of(each.object)
        wanted = images(each.object)
        running = images(seen.live[key]) if key in seen.live else {}
        for container in {**wanted, **running}:
            yield RunningImage(key.name, container, running.get(container), wanted.get(container))
