"""Decides what to do with each object, from wanted and live objects and the inventory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gitops.cluster.inventory import Record
from gitops.engine import adoption, managed_fields, ownership
from gitops.engine.neighbours import Neighbours
from gitops.objects import Body, DesiredObject, Key, digest, mapping, owner
from gitops.settings import Options


class Verdict(StrEnum):
    """What to do with an object."""

    KEEP = "keep"  # unchanged in the cluster and in Git
    CREATE = "create"
    EXAMINE = "examine"  # the server says what applying it would change
    WAIT = "wait"  # it is being deleted
    REFUSE = "refuse"  # another writer manages it


@dataclass(frozen=True)
class Target:
    """An application as the engine sees it."""

    owner: str  # `<environment>.<application>`, the value of the label
    namespace: str  # for objects that name none
    options: Options
    neighbours: Neighbours = field(default_factory=Neighbours)
    adoption: str = adoption.ADVICE  # how somebody has an object taken over

    @property
    def environment(self) -> str:
        """The environment of the application."""
        return self.owner.partition(".")[0]

    def belongs_elsewhere(self, key: Key, holder: str) -> bool:
        """Tell whether a mark is another application's; one of this environment must still want the object."""
        if holder in {"", self.owner}:
            return False
        same_environment = holder.partition(".")[0] == self.environment
        return not same_environment or self.neighbours.claims(holder, key)


@dataclass(frozen=True)
class Decision:
    """The verdict on one object, and what it is based on."""

    manifest: DesiredObject
    verdict: Verdict
    live: Body | None = field(default=None, hash=False)
    left_alone: tuple[str, ...] = ()
    reason: str = ""
    record: Record | None = field(default=None, hash=False)  # of the last run, if it has applied the object

    @property
    def as_before(self) -> bool | None:
        """Tell whether Git wants what the last run has applied; None if that run did not get so far."""
        if self.record is None or not self.record.uid:
            return False
        return self.record.desired == digest(self.manifest.body) if self.record.desired else None


def autoscaled(bodies: Iterable[Body]) -> set[Key]:
    """List the objects whose replicas an autoscaler of the same application sets."""
    found = set()
    for body in bodies:
        if body["kind"] == "HorizontalPodAutoscaler":
            target = mapping(mapping(body.get("spec")).get("scaleTargetRef"))
            group = str(target.get("apiVersion", "")).rpartition("/")[0]
            namespace = body["metadata"].get("namespace", "")
            found.add(Key(group, str(target.get("kind")), namespace, str(target.get("name"))))
    return found


def decide(
    manifests: Iterable[DesiredObject],
    live: Mapping[Key, Body],
    records: Mapping[Key, Record],
    target: Target,
    scaled: Collection[Key],
) -> list[Decision]:
    """Decide for each wanted object."""
    return [
        _decide(manifest, live.get(manifest.key), records.get(manifest.key), target, scaled)
        for manifest in manifests
    ]


def _decide(
    manifest: DesiredObject, live: Body | None, record: Record | None, target: Target, scaled: Collection[Key]
) -> Decision:
    if live is None:
        return Decision(manifest, Verdict.CREATE, record=record)
    alone = ownership.pointers(manifest.key, live, target.options, scaled)
    if reason := _not_ours(manifest.key, live, record, target):
        return Decision(manifest, Verdict.REFUSE, live, alone, reason)
    if live["metadata"].get("deletionTimestamp"):
        return Decision(
            manifest, Verdict.WAIT, live, alone, "is being deleted; the next run creates it again"
        )
    if record is not None and _same(manifest, live, record, target, alone):
        return Decision(manifest, Verdict.KEEP, live, alone)
    return Decision(manifest, Verdict.EXAMINE, live, alone, record=record)


def _not_ours(key: Key, live: Body, record: Record | None, target: Target) -> str:
    """Say who else has an object, or nothing."""
    holder, writer = owner(live), managed_fields.other_writer(live)
    if target.belongs_elsewhere(key, holder):
        return f"belongs to the application {holder}; remove it from one of the two"
    if writer:
        return f"is managed by {writer}; an object has one writer, so hand it over first"
    rules = adoption.Rules(target.environment, target.options, target.adoption)
    return adoption.refusal(key, live, record, rules)


def _same(
    manifest: DesiredObject, live: Body, record: Record, target: Target, alone: tuple[str, ...]
) -> bool:
    return record.desired == digest(manifest.body) and untouched(live, record, target.options, alone)


def untouched(live: Body | None, record: Record, options: Options, alone: Iterable[str]) -> bool:
    """Tell whether an object is as the job left it."""
    if live is None or not record.uid or live["metadata"]["uid"] != record.uid:
        return False
    if live["metadata"].get("deletionTimestamp"):
        return False
    version = live["metadata"]["resourceVersion"]
    return version == record.version or ownership.essence(live, options, alone) == record.seen
