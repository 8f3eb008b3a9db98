"""Finds addresses in variables that lead nowhere, and those that no flow lets a workload connect to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from envs.config.model.app import App
from envs.config.model.container import Port, first_tcp_port
from envs.config.model.environment import Environment
from envs.config.model.flow import Endpoint, Flow
from envs.config.model.variable import Address, Variable
from envs.config.model.workload import Workload, has_service
from envs.config.reading.faults import suggestion

Found = Iterator[tuple[tuple[Any, ...], str]]


def address_problems(environment: Environment, app: str, path: tuple[Any, ...]) -> Found:
    """Say what is wrong with the addresses in the variables of an app."""
    for name, workload in environment.apps[app].workloads.items():
        for place, variables in _variables(workload):
            for variable, said in variables.items():
                if said.address is not None:
                    here = (*path, "workloads", name, *place, "env", variable, "address")
                    yield from _problems(environment, (app, name), said.address, here)


def _variables(workload: Workload) -> Iterator[tuple[tuple[str, ...], Mapping[str, Variable]]]:
    yield (), workload.env
    for group, containers in (("init", workload.init), ("sidecars", workload.sidecars)):
        for name, container in containers.items():
            yield (group, name), container.env


def _problems(
    environment: Environment, source: tuple[str, str], address: Address, path: tuple[Any, ...]
) -> Found:
    name = address.app or source[0]
    app = environment.apps.get(name)
    if app is None:
        yield (*path, "app"), f"there is no app {name}{suggestion(name, environment.apps)}"
        return
    target = app.workloads.get(address.workload)
    if target is None and not app.source:
        hint = suggestion(address.workload, app.workloads)
        yield (*path, "workload"), f"there is no workload {address.workload} in {name}{hint}"
        return
    ports = target.ports if target else {}
    fault = _fault(target, ports, address)
    if fault:
        yield path, fault
    elif not _is_open(environment, source, (name, address.workload), _number(ports, address)):
        yield path, _advice(source, (name, address.workload), ports, address)


def _fault(target: Workload | None, ports: Mapping[str, Port], address: Address) -> str:
    """Say why the target has no such address; nothing where it has."""
    if target is not None and not has_service(target):
        return f"{address.workload} has no Service, since it has no ports; write its `ports:`"
    if isinstance(address.port, str) and address.port not in ports:
        known = ", ".join(ports) or "none; write a number"
        return f"there is no port {address.port}; {address.workload} has {known}"
    if target is not None and isinstance(address.port, int) and _number(ports, address) is None:
        known = ", ".join(ports)
        return f"the Service of {address.workload} has no port {address.port}; write its name, one of {known}"
    return ""


def _number(ports: Mapping[str, Port], address: Address) -> int | None:
    """Find the number inside the pod, by which flows allow; None where no port is asked for."""
    if address.port is None:
        return None
    if isinstance(address.port, str):
        return ports[address.port].number
    if not ports:
        return address.port
    found = (port.number for port in ports.values() if (port.service or port.number) == address.port)
    return next(found, None)


def _is_open(
    environment: Environment, source: tuple[str, str], target: tuple[str, str], number: int | None
) -> bool:
    """Tell whether a flow leads from one workload to a port of the other, or to any if none is asked for."""
    if source[0] == target[0] and environment.apps[source[0]].isolation == "namespace":
        return True
    return any(
        _covers(environment, flow.from_, declared_by, source)
        and _covers(environment, flow.to, declared_by, target)
        and number in {None, _port(environment.apps[target[0]], target[1], flow)}
        for declared_by, app in environment.apps.items()
        for flow in app.flows.values()
    )


def _covers(environment: Environment, endpoint: Endpoint, declared_by: str, pods: tuple[str, str]) -> bool:
    here = endpoint.is_workload and endpoint.environment in {None, environment.name}
    return here and (endpoint.app or declared_by) == pods[0] and endpoint.workload in {None, pods[1]}


def _port(app: App, workload: str, flow: Flow) -> int | None:
    if isinstance(flow.port, int):
        return flow.port
    port = app.workloads[workload].ports.get(flow.port) if workload in app.workloads else None
    return port.number if port else None


def _advice(
    source: tuple[str, str], target: tuple[str, str], ports: Mapping[str, Port], address: Address
) -> str:
    """Name the flow to write."""
    port = address.port
    if isinstance(port, int) or port is None:
        number = _number(ports, address)
        named = (name for name, one in ports.items() if one.number == number)
        port = next(named, None) or port or first_tcp_port(ports) or next(iter(ports), "<port>")
    to = target[1] if source[0] == target[0] else f"{{app: {target[0]}, workload: {target[1]}}}"
    flow = f"`{source[1]}-{target[1]}: {{from: {source[1]}, to: {to}, port: {port}}}`"
    return f"no flow lets {source[1]} connect to {target[1]}; write {flow} under `flows:` of {source[0]}"
