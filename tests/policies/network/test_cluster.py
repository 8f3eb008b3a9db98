"""Environments on one cluster: each is opened once, and all of them are judged with work that grows as they do."""

from __future__ import annotations

import sys
from datetime import date

from policies.check import check
from policies.context import Context, Tier
from policies.network.cluster import Cluster
from tests.policies.objects import Manifest, deployment, named, pod_spec

_CALLER, _CALLED = "caller", "called"


def _environment(name: str) -> list[Manifest]:
    """Make two namespaces of one environment, each with a fence, a pod and a flow from the first to the second."""
    made = []
    for app in (_CALLER, _CALLED):
        peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": f"{_CALLED}-{name}"}}}
        back = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": f"{_CALLER}-{name}"}}}
        spec = {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [{"to": [peer]}] if app == _CALLER else [],
            "ingress": [{"from": [back]}] if app == _CALLED else [],
        }
        objects = [deployment(pod_spec()), named("NetworkPolicy", "networking.k8s.io/v1", "gate", spec=spec)]
        for each in objects:
            each["metadata"]["namespace"] = f"{app}-{name}"
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{app}-{name}"}}
        made += [space, *objects]
    return made


def _calls(count: int) -> int:
    """Count the calls of functions that judging so many environments on one cluster takes."""
    everything = {f"e{number:03}": _environment(f"e{number:03}") for number in range(count)}
    cluster = Cluster(everything)
    calls = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    former = sys.getprofile()
    sys.setprofile(note)
    try:
        for name, manifests in everything.items():
            context = Context(environment=name, tier=Tier.TEST, today=date(2026, 11, 20), cluster=cluster)
            check(manifests, context, complete=True)
    finally:
        sys.setprofile(former)
    return calls


def test_judging_grows_with_the_number_of_environments_and_no_faster() -> None:
    _calls(1)  # what is computed once in a process is not of the environments
    few, many = _calls(5), _calls(25)
    assert many < 5.1 * few


def test_environments_find_the_same_connections_whether_the_cluster_holds_their_own_objects_or_not() -> None:
    everything = {name: _environment(name) for name in ("qa", "e2e")}
    open_to_all: Manifest = {"podSelector": {}, "ingress": [{}], "egress": [{}]}
    for name, manifests in everything.items():
        stray = named("NetworkPolicy", "networking.k8s.io/v1", "stray", spec=open_to_all)
        stray["metadata"]["namespace"] = f"{_CALLER}-{name}"
        manifests.append(stray)
    shared = Cluster(everything)
    for name, other in (("qa", "e2e"), ("e2e", "qa")):
        judged = [
            check(
                everything[name],
                Context(environment=name, tier=Tier.TEST, today=date(2026, 11, 20), cluster=cluster),
                complete=True,
            )
            for cluster in (shared, Cluster({other: everything[other]}))
        ]
        assert judged[0] == judged[1]
        assert any(finding.rule == "environments-do-not-reach-each-other" for finding in judged[0])
