"""Connections of generated worlds: as the pairwise computation of the policies has them, and the analyser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envs.review.connections import ANYBODY, Connection, Connections, Known, connections, reach
from policies.carriers import pods
from policies.network.port_set import EVERY_PORT, NO_PORT, PROTOCOLS, PortSet
from policies.network.reachability import Policy, World, endpoint
from policies.subject import subjects
from tests.policies.network.test_reachability import Generator, analyzer
from tests.policies.network.test_reachability import theirs as analysed

__all__ = ["analyzer"]


def told(manifests: list[dict[str, Any]]) -> dict[tuple[str, str], PortSet]:
    """Tell for every pair of pods which ports `connections` opens; `anybody` stands for the other side's word."""
    found = connections(manifests, "none")
    names = {
        each["metadata"]["name"]: f"{each['metadata']['namespace']}/{each['metadata']['name']}"
        for each in manifests
        if each["kind"] == "Pod"
    }
    return {
        (source, target): _ports(found, names[source], names[target])
        for source in names
        for target in names
        if source != target
    }


def computed(manifests: list[dict[str, Any]]) -> dict[tuple[str, str], PortSet]:
    """Ask the policies' own reachability for every pair of pods."""
    opened = [subject for manifest in manifests for subject in subjects(manifest)]
    namespaces = {subject.name: subject.labels for subject in opened if subject.kind == "Namespace"}
    world = World(namespaces, [Policy(subject) for subject in opened if subject.kind == "NetworkPolicy"], ())
    ends = [endpoint(subject, pod) for subject in opened for pod in pods(subject)]
    return {
        (source.subject.name, target.subject.name): world.allowed(source, target)
        for source in ends
        for target in ends
        if source is not target
    }


def _ports(found: dict[Connection, PortSet], source: str, target: str) -> PortSet:
    """Two pods of which neither is isolated may talk on every port."""
    both_open = (
        found.get(Connection(source, ANYBODY)) == EVERY_PORT
        and found.get(Connection(ANYBODY, target)) == EVERY_PORT
    )
    return EVERY_PORT if both_open else found.get(Connection(source, target), NO_PORT)


def _numbers(ports: PortSet) -> dict[str, set[int]]:
    return {protocol: numbers for protocol in PROTOCOLS if (numbers := ports.numbers(protocol))}


@pytest.mark.parametrize("seed", range(40))
def test_every_pair_of_pods_is_as_the_policies_compute_it(seed: int) -> None:
    manifests = Generator(seed).world()
    ours, theirs = told(manifests), computed(manifests)
    assert ours.keys() == theirs.keys()
    wrong = [pair for pair in ours if ours[pair] - theirs[pair] or theirs[pair] - ours[pair]]
    assert not wrong


@pytest.mark.parametrize("seed", range(40))
def test_what_changes_in_one_namespace_is_found_without_the_others(seed: int) -> None:
    """Policies and pods of namespace a are replaced by those of another world."""
    before, other = Generator(seed).world(), Generator(seed + 1000).world()
    now = [each for each in before if not _is_in_a(each)] + [each for each in other if _is_in_a(each)]
    whole = [reach(state, "none").connections() for state in (before, now)]
    known: Known = {}
    part = [reach(state, "none", known).connections({"a"}) for state in (before, now)]
    assert _changed(*part) == _changed(*whole)


def _is_in_a(manifest: dict[str, Any]) -> bool:
    return bool(manifest["metadata"].get("namespace") == "a")


def _changed(before: Connections, now: Connections) -> dict[Connection, tuple[str, str]]:
    sides = {key: (before.get(key, NO_PORT), now.get(key, NO_PORT)) for key in {*before, *now}}
    return {key: (str(was), str(is_)) for key, (was, is_) in sides.items() if was - is_ or is_ - was}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_an_independent_analyser_agrees(analyzer: Path, tmp_path: Path, seed: int) -> None:
    manifests = Generator(seed).world()
    reach = {pair: _numbers(ports) for pair, ports in told(manifests).items()}
    assert reach == analysed(analyzer, tmp_path, manifests)
