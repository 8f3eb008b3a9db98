"""The parts of rules: their levels, their functions, and their findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from policies.context import Context, Level, Tier
from policies.pods import Pod
from policies.subject import Subject


class Area(StrEnum):
    """The subject area of a rule; the Pulumi pack has two policies for each group of areas."""

    IMAGES = "images"
    PODS = "pods"
    ACCESS = "access"
    NETWORK = "network"
    SECRETS = "secrets"
    ENVIRONMENT = "environment"


class Violation(NamedTuple):
    """A breach of a rule at one place of an object; `repository` where it is about an image."""

    path: str
    message: str
    repository: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach with everything that a reader needs; `origin` is file:line:column where the caller knows it."""

    rule: str
    level: Level
    environment: str
    object: str
    path: str
    message: str
    origin: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule: its law in one line, and the level of a breach by tier.

    Only a `relaxable` rule can be lowered, and only by an environment of tier test. `exempt_by` says whether
    an exemption may name an object, the repository of an image, both (then both must fit), or neither.
    """

    id: str
    area: Area
    law: str
    why: str
    test: Level
    production: Level
    relaxable: bool = False
    exempt_by: tuple[Literal["object", "repository"], ...] = ("object",)

    @property
    def levels(self) -> frozenset[Level]:
        """Levels that it can have in any environment."""
        usual = {self.test, self.production, Level.MANDATORY}
        return frozenset(usual | {Level.ADVISORY} if self.relaxable else usual)

    def usual(self, tier: Tier) -> Level:
        """Level where the environment says nothing."""
        return self.production if tier is Tier.PRODUCTION else self.test

    def allows(self, level: Level, tier: Tier) -> bool:
        """Whether an environment may choose this level: production can only be made stricter."""
        lowered = level is Level.ADVISORY and self.usual(tier) is Level.MANDATORY
        return not lowered or (self.relaxable and tier is Tier.TEST)

    def level(self, context: Context) -> Level:
        """Level in an environment; one that it may not choose changes nothing."""
        usual = self.usual(context.tier)
        wanted = context.levels.get(self.id, usual)
        return wanted if self.allows(wanted, context.tier) else usual


@dataclass(frozen=True, kw_only=True)
class ObjectRule(Rule):
    """A rule over one object of certain kinds."""

    kinds: frozenset[str]
    check: Callable[[Subject, Context], Iterable[Violation]]


@dataclass(frozen=True, kw_only=True)
class PodRule(Rule):
    """A rule over every pod that an object is, controls or embeds."""

    check: Callable[[Subject, Pod, Context], Iterable[Violation]]


@dataclass(frozen=True, kw_only=True)
class EnvironmentRule(Rule):
    """A rule over all objects of an environment together; it names the object of each fault.

    `part` is what one object shows of it, for gates that see only some of an environment.
    """

    check: Callable[[Sequence[Subject], Context], Iterable[tuple[Subject, Violation]]]
    part: Callable[[Subject, Context], Iterable[Violation]] | None = None
