"""What the policies must know about an environment besides its objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from policies.subject import Manifest
from policies.tags import Shape


class Level(StrEnum):
    """What a finding does: a mandatory one blocks, an advisory one warns."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"


class Tier(StrEnum):
    """How strict an environment is."""

    TEST = "test"
    PRODUCTION = "production"


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
