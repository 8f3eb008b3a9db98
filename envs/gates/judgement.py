"""Judges environments by the policies, in contexts made from the layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from components.objects.manifest import Manifest
from envs.config.layers.folder import FOLDER
from envs.config.load import Configuration
from envs.config.model.environment import Environment
from envs.config.reading.faults import ConfigurationError
from envs.config.validation.validate import place
from envs.gates.context import context
from envs.gates.placeholders import placeholders
from envs.gates.releases import releases
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin, origin_of
from policies.check import check, check_releases, mandatory
from policies.context import Context, Tier
from policies.rule import Finding
from policies.rules.releases import UNCHANGED, ReleaseChange
from policies.subject import Subject, nearest


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings, and the number of objects judged."""

    findings: list[Finding]
    checked: int


def judge(
    configuration: Configuration,
    everything: Mapping[str, Sequence[Manifest]],
    names: Sequence[str],
    today: date,
) -> Judgement:
    """Judge environments by all rules, together with their neighbours on the same cluster, and their layers."""
    findings = placeholders(configuration, names)
    for name in names:
        here = context_of(configuration, name, everything, today)
        manifests = [manifest.object for manifest in everything[name]]
        places = _Places(configuration, name, everything[name])
        findings += check(manifests, here, complete=True, origin=places.origin)
    return Judgement(findings, sum(len(everything[name]) for name in names))


def refuse(
    configuration: Configuration, everything: Mapping[str, Sequence[Manifest]], name: str, today: date
) -> None:
    """Raise ConfigurationError with all mandatory findings of an environment, each at its place in the layers."""
    judged = judge(configuration, everything, [name], today)
    found = [*judged.findings, *judge_releases(configuration, today)]
    stopping = [finding for finding in mandatory(found) if finding.environment in {"", name}]
    if stopping:
        raise ConfigurationError(_fault(name, finding) for finding in stopping)


def _fault(name: str, finding: Finding) -> Fault:
    file, line, column = (finding.origin or f"{FOLDER}/{name}.yaml:1:1").rsplit(":", 2)
    message = f"{finding.object} {finding.path}: {finding.message} [{finding.rule}]"
    return Fault(Origin(file, int(line), int(column)), "", message)


def judge_releases(
    configuration: Configuration, today: date, change: ReleaseChange = UNCHANGED
) -> list[Finding]:
    """Judge the releases of all environments together, and those that a change adds by Git's history."""
    exemptions = {
        f"{name}.{key}": exemption
        for name, environment in configuration.environments.items()
        for key, exemption in context(environment, [], today).exemptions.items()
    }
    everywhere = Context(environment="", tier=Tier.PRODUCTION, today=today, exemptions=exemptions)
    return check_releases(releases(configuration), everywhere, change)


def context_of(
    configuration: Configuration, name: str, everything: Mapping[str, Sequence[Manifest]], today: date
) -> Context:
    """Make the context of an environment, its neighbours on the same cluster included."""
    environment = configuration.environments[name]
    neighbours = {
        other: [manifest.object for manifest in everything[other]]
        for other, model in configuration.environments.items()
        if other != name and share_cluster(model, environment)
    }
    return replace(context(environment, configuration.environments, today), neighbours=neighbours)


def share_cluster(one: Environment, other: Environment) -> bool:
    """Whether two environments live in the same cluster."""
    if one.cluster.uid is not None and other.cluster.uid is not None:
        return one.cluster.uid == other.cluster.uid
    return one.cluster.context == other.cluster.context


class _Places:
    """Finds where the values of an environment's objects were written."""

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
