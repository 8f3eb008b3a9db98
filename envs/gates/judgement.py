"""Judges environments by the policies, in contexts made from the layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from envs.config.layers.folder import FOLDER
from envs.config.load import Configuration
from envs.config.model.environment import Environment
from envs.config.reading.faults import ConfigurationError
from envs.gates.context import context
from envs.gates.neighbours import unjudged
from envs.gates.placeholders import PLACEHOLDER_UID, placeholders
from envs.gates.places import Places
from envs.gates.production import unnamed_clusters
from envs.gates.releases import releases, written
from envs.gates.rendering import Surroundings
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin
from policies.check import check, check_releases, mandatory
from policies.context import Context, Tier
from policies.network.cluster import Cluster
from policies.rule import Finding
from policies.rules.releases import UNCHANGED, ReleaseChange


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings, and the number of objects judged."""

    findings: list[Finding]
    checked: int


def judge(configuration: Configuration, around: Surroundings, names: Sequence[str], today: date) -> Judgement:
    """Judge environments by all rules, together with their neighbours on the same cluster, and their layers."""
    findings = [*unnamed_clusters(configuration, names), *placeholders(configuration, names)]
    findings += unjudged(around.broken)
    bodies = {name: [manifest.object for manifest in manifests] for name, manifests in around.objects.items()}
    clusters = Clusters(configuration.environments, bodies)
    for name in names:
        environment = configuration.environments[name]
        here = replace(context(environment, configuration.names, today), cluster=clusters.of(name))
        places = Places(configuration.trees[name], around.objects[name])
        written = {id(manifest.object) for manifest in around.objects[name] if not manifest.typed}
        findings += check(bodies[name], here, complete=True, origin=places.origin, written=written)
    return Judgement(findings, sum(len(around.objects[name]) for name in names))


def refuse(configuration: Configuration, around: Surroundings, name: str, today: date) -> None:
    """Raise ConfigurationError with all mandatory findings of an environment, each at its place in the layers."""
    judged = judge(configuration, around, [name], today)
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
    return check_releases(releases(configuration), everywhere, change, written(configuration))


class Clusters:
    """The objects of the environments on each cluster, shared by all contexts so that they are opened once."""

    def __init__(
        self, environments: Mapping[str, Environment], objects: Mapping[str, Sequence[dict[str, Any]]]
    ) -> None:
        self._environments, self._objects = environments, objects
        self._clusters: dict[tuple[str, ...], Cluster] = {}

    def of(self, name: str) -> Cluster:
        """Return the cluster of an environment, its neighbours included."""
        here = self._environments[name]
        names = tuple(
            other
            for other, environment in self._environments.items()
            if other in self._objects and (other == name or _share_cluster(here, environment))
        )
        if names not in self._clusters:
            self._clusters[names] = Cluster({other: self._objects[other] for other in names})
        return self._clusters[names]


def _share_cluster(one: Environment, other: Environment) -> bool:
    uids = [environment.cluster.uid for environment in (one, other)]
    if all(uid not in {None, PLACEHOLDER_UID} for uid in uids):
        return uids[0] == uids[1]
    return one.cluster.context == other.cluster.context
