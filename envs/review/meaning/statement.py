"""One effect of a change in words, and equal ones of several objects and environments as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from envs.review.neutral import neutral_text


class Effect(StrEnum):
    """What kind of effect a change has; the most serious first."""

    DELETES = "deletes"
    REPLACES = "replaces"
    EXPOSES = "exposes"
    HIDES = "hides"
    GRANTS = "permits"
    REVOKES = "no longer permits"
    CONNECTS = "connects"
    DISCONNECTS = "disconnects"
    REFUSES = "refuses"
    ADMITS = "admits"
    RESTARTS = "restarts"
    RESIZES = "resizes"
    RELEASES = "releases"
    FINDS = "new finding"
    SOLVES = "solved finding"


RISKY = frozenset({Effect.DELETES, Effect.REPLACES, Effect.EXPOSES})


@dataclass(frozen=True, slots=True)
class Statement:
    """One effect on one thing of one environment."""

    effect: Effect
    subject: str
    """Whom it is about: a workload as app/name, a team, an object."""
    text: str
    """What happens to it."""
    environment: str
    origins: tuple[str, ...] = ()
    """Where the causes are: file:line of a layer, `was file:line` for what only the base says, or a component."""
    pods: int = 0
    """Number of pods that restart."""
    details: tuple[str, ...] = ()
    """Lines that belong to the text, such as commits."""


@dataclass(frozen=True, slots=True)
class Told:
    """The same effect on one or several things, in one or several environments."""

    effect: Effect
    text: str
    subjects: tuple[str, ...]
    environments: tuple[str, ...]
    origins: tuple[str, ...]
    pods: int
    details: tuple[str, ...]

    @property
    def is_risky(self) -> bool:
        """Whether it cannot be taken back by a revert, or opens something to the outside."""
        return self.effect in RISKY


def told(statements: Iterable[Statement]) -> list[Told]:
    """Group equal statements, first across environments, then across what they are about; by their effect."""
    alike: dict[tuple[Effect, str, str], list[Statement]] = defaultdict(list)
    for each in statements:
        subject, text = (neutral_text(words, each.environment) for words in (each.subject, each.text))
        alike[each.effect, subject, text].append(each)
    groups: dict[tuple[Effect, str, tuple[str, ...]], list[Statement]] = defaultdict(list)
    for (effect, subject, text), several in alike.items():
        environments = tuple(dict.fromkeys(each.environment for each in several))
        is_one = len(environments) == 1
        common = [each if is_one else replace(each, subject=subject, text=text) for each in several]
        groups[effect, common[0].text, environments] += common
    found = [
        Told(
            effect=effect,
            text=text,
            subjects=tuple(dict.fromkeys(each.subject for each in several)),
            environments=environments,
            origins=tuple(dict.fromkeys(origin for each in several for origin in each.origins)),
            pods=sum(each.pods for each in several),
            details=several[0].details,
        )
        for (effect, text, environments), several in groups.items()
    ]
    order = list(Effect)
    return sorted(found, key=lambda each: order.index(each.effect))
