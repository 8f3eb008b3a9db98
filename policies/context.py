"""What the policies must know of an environment beside its objects: one type, and the one form in which it travels.

That form, the wire form, is a plain mapping with the keys of the layers. The inputs of the stack's first component,
the settings of the GitOps job and the configuration of the policy pack carry it; `from_wire` reads it everywhere.
A new setting is a field of `Declaration`, beside the field of the layers that fills it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from kube.image import parse_repository
from kube.schema.index import NEWEST, versions
from policies.tags import Shape

if TYPE_CHECKING:  # the GitOps job imports this in each run, and judges connections in few
    from policies.network.cluster import Cluster


class Level(StrEnum):
    """What a finding does: a mandatory one blocks, an advisory one warns."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"


class Tier(StrEnum):
    """How strict an environment is."""

    TEST = "test"
    PRODUCTION = "production"


class ContextError(ValueError):
    """The declaration of an environment is invalid; names every fault with its path."""


def _read_days(value: object) -> timedelta:
    if isinstance(value, str) and re.fullmatch(_DAYS, value):
        return timedelta(days=int(value.removesuffix("d")))
    raise ValueError("is not a number of days; write it like 180d")


def _write_days(term: timedelta) -> str:
    return f"{term.days}d"


_DAYS = r"[1-9][0-9]{0,3}d"
_WIRE = ConfigDict(extra="forbid", alias_generator=to_camel)
Repository = Annotated[
    str, AfterValidator(parse_repository)
]  # ImageError is a ValueError that says what is wrong
Text = Annotated[str, Field(min_length=1)]
Days = Annotated[
    timedelta,
    PlainValidator(_read_days),
    PlainSerializer(_write_days),
    WithJsonSchema({"type": "string", "pattern": f"^{_DAYS}$"}),
]


def _known_version(version: str) -> str:
    if version not in versions():
        raise ValueError(f"{version} is not one of {', '.join(versions())}")
    return version


KubernetesVersion = Annotated[str, AfterValidator(_known_version)]


@dataclass(frozen=True, slots=True)
class Versions:
    """The shape of the versions of one image repository, and why its tags never move."""

    __pydantic_config__: ClassVar[ConfigDict] = _WIRE

    tags: Shape
    because: Text


@dataclass(frozen=True, slots=True)
class Exemption:
    """A rule does not hold for one object, or for the images of one repository, up to and including a day.

    `object` is `Kind/namespace/name` and `repository` is written in full; both are compared whole.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _WIRE

    rule: Text
    because: Text
    until: date
    object: Text | None = None
    repository: Repository | None = None


def _for_something(exemption: Exemption) -> Exemption:
    if exemption.object is None and exemption.repository is None:
        raise ValueError("must name an `object` or a `repository`")
    return exemption


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What an environment declares to the rules.

    `environments` are the names of the others, which tags must not carry; `registries` are allowed domains or
    repositories (empty: all); `levels` changes levels by rule; `images` holds shapes of versions by repository;
    `exemptions` have a name; `longest_exemption` bounds their term from today; `pod_networks` are the CIDRs of
    pods (None: not known); `namespaces` are those that somebody else has made, with the labels that they have;
    `kubernetes` is the minor version of the cluster, and `apis` are API versions that it serves beyond the default;
    `kinds` are those of other projects and cluster-scoped ones that apps may hold (None: nobody has decided).
    """

    __pydantic_config__: ClassVar[ConfigDict] = _WIRE

    tier: Tier = Tier.PRODUCTION
    environments: tuple[str, ...] = ()
    registries: tuple[str, ...] = ()
    require_digests: bool = False
    levels: Mapping[str, Level] = field(default_factory=dict)
    images: Mapping[Repository, Versions] = field(default_factory=dict)
    exemptions: Mapping[str, Annotated[Exemption, AfterValidator(_for_something)]] = field(
        default_factory=dict
    )
    longest_exemption: Days = timedelta(days=180)
    pod_networks: tuple[str, ...] | None = None
    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    kubernetes: KubernetesVersion = NEWEST
    apis: tuple[str, ...] = ()
    kinds: tuple[str, ...] | None = None


class Served(NamedTuple):
    """A Service that selects pods: its id, its selector, and the ports of the pods by number or name."""

    id: str
    selector: Mapping[str, Any]
    targets: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Context(Declaration):
    """All that rules know besides the object: the environment, what it declares, and what the gate adds.

    `origins` are the places of declared values by dotted path, `tokens` says by namespace and name of a
    ServiceAccount whether it mounts its token, `services` holds those that select pods by namespace and one label
    (key and value), `cluster` holds the objects of the environments on the same cluster.
    """

    environment: str
    today: date
    origins: Mapping[str, str] = field(default_factory=dict)
    tokens: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    services: Mapping[tuple[str, str, str], Sequence[Served]] = field(default_factory=dict)
    cluster: Cluster | None = None

    @classmethod
    def of(cls, declared: Declaration, environment: str, today: date) -> Self:
        """Complete a declaration by the name of its environment and the day on which it is judged."""
        said = {each.name: getattr(declared, each.name) for each in fields(Declaration)}
        return cls(environment=environment, today=today, **said)

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """Declared shapes of versions, by repository in full."""
        return {repository: versions.tags for repository, versions in self.images.items()}

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of all known environments, which no tag may carry."""
        return frozenset({self.environment, *self.environments} - {""})


_ADAPTER = TypeAdapter(Declaration)


def from_wire(wire: Mapping[str, Any], environment: str, today: date) -> Context:
    """Read the wire form; raises ContextError with all its faults."""
    try:
        declared = _ADAPTER.validate_python(wire)
    except ValidationError as error:
        raise ContextError("; ".join(map(_fault, error.errors(include_url=False)))) from error
    return Context.of(declared, environment, today)


def to_wire(declared: Declaration) -> dict[str, Any]:
    """Write the wire form of a declaration, without what is as by default."""
    wire: dict[str, Any] = _ADAPTER.dump_python(declared, mode="json", by_alias=True, exclude_defaults=True)
    return wire


def wire_schema() -> dict[str, Any]:
    """JSON schema of each key of the wire form, without references.

    It names no defaults: Pulumi's engine would fill them in, over what the environment declares.
    """
    schema = _ADAPTER.json_schema(by_alias=True)
    inlined: dict[str, Any] = _inlined(schema["properties"], schema.get("$defs", {}))
    return inlined


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(schema, dict):
        name = schema.get("$ref", "").removeprefix("#/$defs/")
        if name in definitions:
            return _inlined(definitions[name], definitions)
        return {
            key: _inlined(value, definitions)
            for key, value in schema.items()
            if key not in {"default", "title"}
        }
    return [_inlined(value, definitions) for value in schema] if isinstance(schema, list) else schema


def _fault(details: ErrorDetails) -> str:
    path = ".".join(str(part) for part in details["loc"] if part != "[key]") or "the declaration"
    return f"{path}: {details['msg'].removeprefix('Value error, ')}"
