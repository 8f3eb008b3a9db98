"""Finds hosts that no flow lets traffic reach, and flows that lead to the metadata service."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from envs.config.model.app import App
from envs.config.model.container import first_tcp_port
from envs.config.model.environment import Environment
from envs.config.model.flow import Endpoint, Flow
from envs.config.model.workload import Serving

Found = Iterator[tuple[tuple[Any, ...], str]]


def reach_problems(environment: Environment, app: App, path: tuple[Any, ...]) -> Found:
    """Find hosts of an app that no visitor reaches, and flows that lead to credentials of the node."""
    for here, name, port in _exposed(environment, app, path):
        if port is None:
            yield here, "needs a TCP port to send the traffic to; write `ports:`"
        elif not any(_lets_in(flow, app, name, port) for flow in app.flows.values()):
            advice = f"`visitors: {{from: ingress, to: {name}, port: {port}}}` under `flows:`"
            yield here, f"no flow lets visitors in; write {advice} of the app"
    for name, flow in app.flows.items():
        if _is_metadata(environment, flow.to):
            what = "is within cluster.metadata, where nodes get their credentials; no pod may connect there"
            yield (*path, "flows", name, "to", "cidr"), f"{flow.to.cidr} {what}"


def _exposed(
    environment: Environment, app: App, path: tuple[Any, ...]
) -> Iterator[tuple[tuple[Any, ...], str, str | None]]:
    """List the hosts of an app: where each is, its workload, and the port that gets the traffic."""
    for name, workload in app.workloads.items():
        if not isinstance(workload, Serving) or environment.cluster.ingress is None:
            continue
        for place, host in workload.every_host.items():
            if host.port is None or host.port in workload.ports:
                port = host.port or first_tcp_port(workload.ports)
                yield (*path, "workloads", name, *place), name, port


def _lets_in(flow: Flow, app: App, name: str, port: str) -> bool:
    if not flow.from_.is_ingress or flow.to.workload not in {None, name} or not flow.to.is_workload:
        return False
    if isinstance(flow.port, str):
        return flow.port == port
    return flow.port == app.workloads[name].ports[port].number and flow.protocol == "TCP"


def _is_metadata(environment: Environment, endpoint: Endpoint) -> bool:
    if endpoint.cidr is None:
        return False
    wanted = ipaddress.ip_network(endpoint.cidr)
    known = [ipaddress.ip_network(cidr) for cidr in environment.cluster.metadata or ()]
    return any(
        wanted.version == one.version and wanted.subnet_of(one)  # type: ignore[arg-type]  # versions are equal
        for one in known
    )
