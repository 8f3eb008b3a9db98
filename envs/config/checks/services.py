"""Finds further Services that serve nobody, and persistent volumes that keep pods from starting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envs.config.model.workload import Deployment, Finite, Serving, Site, Workload
from envs.config.reading.faults import suggestion

Found = Iterator[tuple[tuple[Any, ...], str]]

_ONE_NODE = frozenset({"ReadWriteOnce", "ReadWriteOncePod"})


def service_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    """Say what is wrong with the further Services of a workload."""
    for name, service in workload.services.items():
        here = (*path, "services", name)
        if isinstance(workload, Finite):
            yield here, f"`kind: {workload.kind}` runs to completion and serves nobody; delete this line"
        elif not workload.ports:
            yield here, "needs a port to send the traffic to; write `ports:`"
        if not name[0].isalpha():  # RFC 1035: kubernetes.io/docs, Service
            yield here, f"a Service must start with a letter, unlike {name}; rename it"
        for port in service.ports:
            if workload.ports and port not in workload.ports:
                hint = suggestion(port, workload.ports)
                known = ", ".join(workload.ports)
                yield (*here, "ports"), f"there is no port {port}; {path[-1]} has {known}{hint}"


def claim_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    """Find claims of one node that several pods would need at the same time."""
    for name, claim in workload.claims.items():
        if claim.access not in _ONE_NODE or not isinstance(workload, Serving):
            continue
        most = workload.autoscale.max if workload.autoscale else workload.copies
        if most > 1:
            message = f"{claim.access} is for one node, and there are up to {most} pods"
            advice = "write `access: ReadWriteMany`, or `kind: stateful` with `storage`"
            yield (*path, "claims", name, "access"), f"{message}; {advice}"
        elif isinstance(workload, Deployment | Site) and workload.rollout.strategy == "rolling":
            message = (
                f"{claim.access} is for one node, and a rollout starts the new pod before the old one ends"
            )
            yield (*path, "claims", name, "access"), f"{message}; write `rollout: {{strategy: recreate}}`"
