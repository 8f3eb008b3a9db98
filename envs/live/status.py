"""Determines the state of each app of an environment in its cluster; needs read permissions only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from components.objects.manifest import Manifest, Part
from envs.config.model.environment import Environment
from gitops.cluster import health
from gitops.cluster.health import Health
from gitops.direct import LiveEnvironment, statuses
from gitops.engine.observe import Observation, observe
from gitops.errors import ClusterError
from gitops.objects import Key, key_of
from gitops.report.outcome import Sync
from kube.pods import images

JOB = "gitops"  # the job and its fence, shown like an app
_FORBIDDEN = 403


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
    images: tuple[RunningImage, ...]
    messages: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values in the order of the fields."""
        return asdict(self) | {"images": [asdict(image) for image in self.images]}


def statuses_of(
    environment: LiveEnvironment, model: Environment, manifests: Sequence[Manifest]
) -> Iterator[AppStatus]:
    """Determine the state of each app; raises GitOpsError for the wrong cluster and for one that does not answer."""
    environment.check()
    by_app: dict[str, list[Manifest]] = defaultdict(list)
    for each in manifests:
        by_app[each.app or JOB].append(each)
    said = _said(environment, model)
    for name, found in by_app.items():
        pulled = name in model.pulled()
        yield _status(environment, name, found, said.get(name, {}) if pulled else None)


def _said(environment: LiveEnvironment, model: Environment) -> Mapping[str, Mapping[str, str]]:
    """Read what the job has reported, if the permissions allow it."""
    if not model.pulled():
        return {}
    try:
        return statuses(environment.cluster, model.name)
    except ClusterError as error:
        if error.status != _FORBIDDEN:
            raise
        return {}


def _status(
    environment: LiveEnvironment, name: str, manifests: Sequence[Manifest], said: Mapping[str, str] | None
) -> AppStatus:
    """Judge pushed objects by the live ones, and the workloads of a pulled app by the report of its job.

    The job follows a commit of its own, so workloads that differ from this checkout are not drift.
    """
    seen = observe(environment.cluster, [each.object for each in manifests])
    own = (
        seen
        if said is None
        else seen.only(key_of(each.object) for each in manifests if each.part is Part.FENCE)
    )
    messages = _messages(own)
    sync, state, revision = own.sync, own.health, ""
    if said is not None:
        revision = said.get("revision", "")
        sync = _worse(sync, Sync(said.get("sync", Sync.UNKNOWN)))
        state = health.worst(
            [health.Assessment(state), health.Assessment(Health(said.get("health", Health.UNKNOWN)))]
        )
        messages += said.get("message", "" if said else "the GitOps job has not reported yet").splitlines()
        messages += said.get("unhealthy", "").splitlines()
    delivery = "push" if said is None else "pull"
    return AppStatus(name, delivery, sync, state, revision, tuple(_images(manifests, seen)), tuple(messages))


def _worse(one: Sync, other: Sync) -> Sync:
    return next((word for word in (Sync.OUT_OF_SYNC, Sync.UNKNOWN) if word in {one, other}), Sync.IN_SYNC)


def _messages(seen: Observation) -> list[str]:
    lines = [f"{key} does not exist" for key in seen.missing]
    for key, found in sorted(seen.drift.items()):
        lines.append(f"{key} differs: {', '.join(each.path for each in found)}")
    for key, body in sorted(seen.live.items()):
        finding = health.assess(body)
        if finding.health not in {Health.HEALTHY, Health.SUSPENDED}:
            lines.append(f"{key} is {finding.health}: {finding.message}")
    kinds = sorted({key.qualified_kind for key in seen.hidden})
    return [*lines, *(f"you have no permission to read {kind}" for kind in kinds)]


def _images(manifests: Iterable[Manifest], seen: Observation) -> Iterator[RunningImage]:
    for each in manifests:
        if each.part is not Part.WORKLOAD:
            continue
        key: Key = key_of(each.object)
        wanted = images(each.object)
        running = images(seen.live[key]) if key in seen.live else {}
        for container in {**wanted, **running}:
            yield RunningImage(key.name, container, running.get(container), wanted.get(container))
