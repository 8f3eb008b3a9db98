"""Finds hosts whose traffic has no source or no port to go to, and certificates that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envs.config.model.environment import Environment
from envs.config.model.exposure import Host
from envs.config.model.workload import Serving, Workload

Found = Iterator[tuple[tuple[Any, ...], str]]


def host_problems(environment: Environment, workload: Workload, path: tuple[Any, ...]) -> Found:
    """Say what is wrong with the hosts of a workload."""
    if not isinstance(workload, Serving):
        return
    controller = environment.cluster.ingress
    for place, host in workload.every_host.items():
        here = (*path, *place)
        if not workload.ports:
            yield here, "needs a port to send the traffic to; write `ports:`"
        if controller is None:
            yield here, "needs to know where traffic comes from; write `cluster.ingress`"
        elif controller.gateway is not None and host.tls is not None:
            yield (*here, "tls"), "is for Ingresses: the listeners of a Gateway have its certificates"
        yield from _port_problems(workload, host, here)


def _port_problems(workload: Serving, host: Host, path: tuple[Any, ...]) -> Found:
    if host.port is None:
        return
    port = workload.ports.get(host.port)
    if port is None:
        known = ", ".join(workload.ports) or "none"
        yield (*path, "port"), f"there is no port {host.port}; {path[3]} has {known}"
    elif port.protocol != "TCP":
        yield (*path, "port"), f"{host.port} is {port.protocol}; traffic from outside needs a TCP port"
