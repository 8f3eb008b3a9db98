"""The condition of an application: the health of its objects, summed up, and those that are not as they should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from gitops.cluster import health
from gitops.cluster.finding import Finding
from gitops.cluster.health import Assessment, Health
from gitops.objects import Body, Key

POOR = {Health.DEGRADED, Health.MISSING}
_FINE = {Health.HEALTHY, Health.SUSPENDED}
_SHOWN = 10  # unhealthy objects in one report
_PENDING = Assessment(Health.PROGRESSING, "is not applied yet")


@dataclass(frozen=True)
class Condition:
    """What the health of an application's objects comes to."""

    health: Health
    unhealthy: tuple[str, ...]  # lines for people
    findings: tuple[Finding, ...]  # the poor ones among the lines
    counts: Mapping[str, int]  # objects by health

    @property
    def is_poor(self) -> bool:
        """Tell whether an object is Degraded or Missing, and none is Unknown."""
        return self.health in POOR


def judge(
    wanted: Iterable[Key], bodies: Mapping[Key, Body | None], pending: Collection[Key] = ()
) -> Condition:
    """Assess all wanted objects; `pending` are those that a later run applies."""
    found = {key: _PENDING if key in pending else health.assess(bodies.get(key)) for key in wanted}
    words = Counter(str(each.health) for each in found.values())
    worse = {key: found[key] for key in sorted(found) if found[key].health not in _FINE}
    shown = dict(sorted(worse.items(), key=lambda item: item[1].health not in POOR)[:_SHOWN])
    more = [f"and {len(worse) - _SHOWN} more objects"] if len(worse) > _SHOWN else []
    lines = [f"{key} is {each.health}: {each.message}" for key, each in shown.items()]
    findings = [
        Finding(key, str(each.health), each.message, *_identity(bodies.get(key)))
        for key, each in shown.items()
        if each.health in POOR
    ]
    return Condition(
        health.worst(found.values()), (*lines, *more), tuple(findings), dict(sorted(words.items()))
    )


def _identity(body: Body | None) -> tuple[str, str]:
    return (body["apiVersion"], body["metadata"].get("uid", "")) if body else ("", "")
