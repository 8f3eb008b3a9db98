"""Environments in, what the policies find in them out: the context of each rule is made from the layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from components.manifest import Manifest
from components.render import render_environment
from environments.load import Configuration
from environments.model import Environment
from environments.origin import origin_of
from environments.validate import place
from policies.check import check
from policies.image import parse_repository
from policies.manifest import Subject, nearest
from policies.rule import Context, Finding, Tier
from policies.tags import Shape


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found among how many objects."""

    findings: list[Finding]
    checked: int


def judge(configuration: Configuration, names: Sequence[str], today: date) -> Judgement:
    """Judge environments by all rules, together with their neighbours on the same cluster."""
    everything = {name: render_environment(configuration, name) for name in configuration.environments}
    findings: list[Finding] = []
    for name in names:
        context = context_of(configuration, name, everything, today)
        manifests = [manifest.object for manifest in everything[name]]
        places = _Places(configuration, name, everything[name])
        findings += check(manifests, context, complete=True, origin=places.origin)
    return Judgement(findings, sum(len(everything[name]) for name in names))


def context_of(
    configuration: Configuration, name: str, everything: Mapping[str, Sequence[Manifest]], today: date
) -> Context:
    """Say what the rules need to know of an environment beside its objects."""
    environment = configuration.environments[name]
    return Context(
        environment=name,
        tier=Tier(environment.tier),
        today=today,
        shapes={parse_repository(key): Shape(versions.tags) for key, versions in environment.images.items()},
        environments=frozenset(configuration.environments),
        neighbours={
            other: [manifest.object for manifest in everything[other]]
            for other, model in configuration.environments.items()
            if other != name and _share_cluster(model, environment)
        },
    )


def _share_cluster(one: Environment, other: Environment) -> bool:
    if one.cluster.uid is not None and other.cluster.uid is not None:
        return one.cluster.uid == other.cluster.uid
    return one.cluster.context == other.cluster.context


class _Places:
    """Knows where the values of an environment's objects were written."""

    def __init__(self, configuration: Configuration, name: str, manifests: Sequence[Manifest]) -> None:
        self._tree = configuration.trees[name]
        self._made = {id(manifest.object): manifest for manifest in manifests}

    def origin(self, subject: Subject, path: str) -> str | None:
        """Place of the value itself where it came from a layer, else of what the object was made from."""
        written = origin_of(nearest(subject.manifest, path))
        if written is not None:
            return str(written)
        manifest = self._made.get(id(subject.manifest))
        return str(place(self._tree, manifest.source)) if manifest else None
