"""What rules are made of: their levels, what they know of an environment, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple

from policies.pods import Pod
from policies.subject import Manifest, Subject
from policies.tags import Shape


class Level(StrEnum):
    """What a finding does: a mandatory one stops, an advisory one tells."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"


class Tier(StrEnum):
    """How strict an environment is."""

    TEST = "test"
    PRODUCTION = "production"


class Area(StrEnum):
    """What a rule is about; the Pulumi pack has two policies for each."""

    IMAGES = "images"
    PODS = "pods"
    ACCESS = "access"
    NETWORK = "network"
    SECRETS = "secrets"
    ENVIRONMENT = "environment"


class Fault(NamedTuple):
    """What one rule has against one place of one object; `repository` where it is about an image."""

    path: str
    message: str
    repository: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault with all that a reader needs; `origin` is file:line:column where the caller knows it."""

    rule: str
    level: Level
    environment: str
    object: str
    path: str
    message: str
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """A rule does not hold for one object, or for the images of one repository, until a day.

    `object` is `Kind/namespace/name` and `repository` is written in full; both are compared whole.
    """

    rule: str
    reason: str
    expires: date
    object: str | None = None
    repository: str | None = None
    origin: str | None = None


@dataclass(frozen=True)
class Context:
    """What rules know besides the object: the environment, and what it declares.

    `registries` are allowed domains or repositories (empty: all), `levels` changes levels by rule, `tokens`
    says by namespace and name of a ServiceAccount whether it mounts its token, `pod_networks` are the CIDRs
    of pods (None: not known), `neighbours` are the manifests of other environments on the same cluster.
    """

    environment: str
    tier: Tier
    today: date
    exemptions: tuple[Exemption, ...] = ()
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    environments: frozenset[str] = frozenset()
    registries: tuple[str, ...] = ()
    require_digests: bool = False
    levels: Mapping[str, Level] = field(default_factory=dict)
    tokens: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    pod_networks: tuple[str, ...] | None = None
    neighbours: Mapping[str, Sequence[Manifest]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The law of a rule in one line, and how serious a breach is by tier.

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

    def level(self, context: Context) -> Level:
        """Level in an environment: production can only be made stricter."""
        usual = self.production if context.tier is Tier.PRODUCTION else self.test
        wanted = context.levels.get(self.id, usual)
        if wanted is Level.ADVISORY and (context.tier is Tier.PRODUCTION or not self.relaxable):
            return usual
        return wanted


@dataclass(frozen=True, kw_only=True)
class ObjectRule(Rule):
    """A rule over one object of certain kinds."""

    kinds: frozenset[str]
    check: Callable[[Subject, Context], Iterable[Fault]]


@dataclass(frozen=True, kw_only=True)
class PodRule(Rule):
    """A rule over every pod that an object is, controls or embeds."""

    check: Callable[[Subject, Pod, Context], Iterable[Fault]]


@dataclass(frozen=True, kw_only=True)
class EnvironmentRule(Rule):
    """A rule over all objects of an environment together; it names the object of each fault."""

    check: Callable[[Sequence[Subject], Context], Iterable[tuple[Subject, Fault]]]
