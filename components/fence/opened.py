"""Counts what the Services of an app open to the outside, for its quota."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envs.config.model.app import App
from kube.pods import mapping


@dataclass(frozen=True, slots=True)
class Opened:
    """Load balancers, and ports of nodes, as a ResourceQuota counts them."""

    load_balancers: int
    node_ports: int


def opened_ports(app: App) -> Opened:
    """Count those that workloads declare, and those of verbatim Services and patches.

    Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/#object-count-quota
    """
    found = [*_declared(app), *_verbatim(app)]
    return Opened(sum(balances for balances, _ in found), sum(ports for _, ports in found))


def _declared(app: App) -> Iterator[tuple[bool, int]]:
    for workload in app.workloads.values():
        for service in workload.services.values():
            if service.kind == "loadBalancer":
                yield True, len(service.ports or workload.ports) if service.node_ports else 0


def _verbatim(app: App) -> Iterator[tuple[bool, int]]:
    for item in app.manifests.values():
        if item.get("apiVersion") == "v1" and item.get("kind") == "Service":
            yield _opens(mapping(item.get("spec")), 0)
    for workload in app.workloads.values():
        for key, patch in workload.patch.items():
            if key.partition("/")[0] == "Service":
                yield _opens(mapping(patch.get("spec")), len(workload.ports))


def _opens(spec: Mapping[str, Any], others: int) -> tuple[bool, int]:
    """Read the spec of a Service, or of a patch of one with some ports of its own."""
    ports = spec.get("ports")
    count = len(ports) if isinstance(ports, list) else others
    match spec.get("type"):
        case "LoadBalancer":
            return True, 0 if spec.get("allocateLoadBalancerNodePorts") is False else count
        case "NodePort":
            return False, count
    return False, 0
