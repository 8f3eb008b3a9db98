"""What a change says of connections, compared with what an independent analyser says of both states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envs.review.causes.causes import UNKNOWN
from envs.review.changes import ObjectAction, ObjectChange, Preview
from envs.review.meaning.network import connection_changes
from tests.policies.network.test_reachability import Generator, Reach, analyzer, theirs

__all__ = ["analyzer"]
pytestmark = pytest.mark.slow

Manifests = list[dict[str, Any]]
SPACES = ("a", "b", "c")


def deny(namespace: str) -> dict[str, Any]:
    """Make the policy that every fence has: nothing in, nothing out."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "default-deny", "namespace": namespace},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }


def states(seed: int) -> tuple[Manifests, Manifests]:
    """Generate a world, and the same with the policies of another one in the namespaces a and b."""
    before = [*Generator(seed).world(), *map(deny, SPACES)]
    other = Generator(seed + 1000).world()
    now = [each for each in before if not _changes(each)] + [each for each in other if _changes(each)]
    return before, now


def _changes(manifest: dict[str, Any]) -> bool:
    metadata = manifest["metadata"]
    is_generated = manifest["kind"] == "NetworkPolicy" and metadata["name"] != "default-deny"
    return is_generated and metadata["namespace"] in SPACES[:2]


def told(before: Manifests, now: Manifests) -> set[tuple[str, str, str]]:
    """Tell whether a connection opens or closes, by the names of its pods."""
    sides = [{_file(each): each for each in state} for state in (before, now)]
    changed = [name for name in {**sides[0], **sides[1]} if sides[0].get(name) != sides[1].get(name)]
    changes = tuple(ObjectChange(ObjectAction.UPDATE, name, "", name) for name in changed)
    preview = Preview("none", "test", {}, {}, changes, before=sides[0], now=sides[1])
    found = set()
    for each in connection_changes(preview, UNKNOWN):
        source, _, target = (end.rpartition("/")[2] for end in each.subject.partition(" → "))
        found.add(("opens" if "is possible" in each.text else "closes", source, target))
    return found


def _file(manifest: dict[str, Any]) -> str:
    metadata = manifest["metadata"]
    return "/".join([manifest["kind"], *filter(None, [metadata.get("namespace")]), metadata["name"]])


def analysed(before: Reach, now: Reach) -> set[tuple[str, str, str]]:
    """Compare what the analyser says of both states."""
    found = set()
    for (source, target), was in before.items():
        is_ = now[source, target]
        if any(ports - was.get(protocol, set()) for protocol, ports in is_.items()):
            found.add(("opens", source, target))
        if any(ports - is_.get(protocol, set()) for protocol, ports in was.items()):
            found.add(("closes", source, target))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_connections_open_and_close_as_an_independent_analyser_says(
    analyzer: Path, tmp_path: Path, seed: int
) -> None:
    before, now = states(seed)
    pods = {each["metadata"]["name"] for each in before if each["kind"] == "Pod"}
    ours = {each for each in told(before, now) if each[1] in pods and each[2] in pods and each[1] != each[2]}
    reach = [theirs(analyzer, tmp_path, state) for state in (before, now)]
    assert ours == analysed(*reach)


def test_the_generated_changes_open_and_close_connections() -> None:
    """Otherwise the comparison would prove nothing."""
    effects = [each[0] for seed in range(6) for each in told(*states(seed))]
    assert min(effects.count("opens"), effects.count("closes")) > 5
