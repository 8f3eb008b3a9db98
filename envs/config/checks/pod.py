"""Finds what the API server refuses in the pods of a workload, and what cannot work.

Names that are used twice, probes of ports that accept no connection, budgets that allow no eviction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil
from typing import Any

from envs.config.model.container import Container, Probe, first_tcp_port
from envs.config.model.pod_volumes import added_volumes, secret_volume
from envs.config.model.scaling import Budget
from envs.config.model.workload import Serving, Stateful, Workload

Found = Iterator[tuple[tuple[Any, ...], str]]
LONGEST_VOLUME = 63  # RFC 1123 label


def pod_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    """Say what is wrong with the pods of a workload."""
    yield from _volume_problems(workload, path)
    yield from _variable_problems(workload, path)
    yield from _tcp_problems(workload, path)
    yield from _sidecar_problems(workload, path)
    yield from _stop_problems(workload, path)
    if isinstance(workload, Stateful):
        yield from _service_problems(workload, path)
    if isinstance(workload, Serving) and workload.budget is not None:
        yield from _budget_problems(workload.budget, workload.fewest, (*path, "budget"))


def _volume_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    taken = dict(added_volumes(workload))
    groups: list[tuple[str, Iterable[str]]] = [
        ("volumes", workload.volumes),
        ("claims", workload.claims),
        ("storage", workload.storage if isinstance(workload, Stateful) else ()),
    ]
    for group, volumes in groups:
        for name in volumes:
            if name in taken:
                yield (*path, group, name), f"the volume name {name} is taken by {taken[name]}; rename it"
            taken.setdefault(name, f"`{group}.{name}`")
    for name, secret in workload.secrets.items():
        longest = LONGEST_VOLUME - len(secret_volume(""))
        if secret.path is not None and len(name) > longest:
            yield (
                (*path, "secrets", name),
                f"has {len(name)} characters; a Secret that is mounted has at most {longest}",
            )
    for file in workload.config:
        if file.endswith("/"):
            yield (*path, "config", file), "is a folder; write the path of a file in it"


def _variable_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    taken = {name: f"`env.{name}`" for name in workload.env}
    for name, secret in workload.secrets.items():
        for variable in secret.env:
            if variable in taken:
                here = (*path, "secrets", name, "env", variable)
                yield here, f"the variable {variable} is already set by {taken[variable]}; keep one of them"
            taken.setdefault(variable, f"`secrets.{name}`")


def _tcp_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    """Find probes of a port that accepts no TCP connections."""
    for name in ("ready", "live", "start"):
        probe = getattr(workload.probes, name, None)
        if probe is None or probe.command is not None:
            continue
        if isinstance(probe.port, str) and probe.port in workload.ports:
            protocol = workload.ports[probe.port].protocol
            if protocol != "TCP":
                yield (*path, "probes", name, "port"), f"{probe.port} is {protocol}; a probe needs a TCP port"
        elif probe.port is None and workload.ports and first_tcp_port(workload.ports) is None:
            yield (*path, "probes", name), "probes a TCP port, but the workload has none; write `command:`"


def _sidecar_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    """Find probes and actions of containers that cannot have them, and probes of ports that are not there."""
    for name, container in workload.init.items():
        for field, said in (("probes", container.probes.model_fields_set), ("preStop", container.pre_stop)):
            if said:
                yield (*path, "init", name, field), "is for a sidecar: an init container ends by itself"
    for name, container in workload.sidecars.items():
        for field in ("ready", "live", "start"):
            here = (*path, "sidecars", name, "probes", field)
            yield from _port_problems(getattr(container.probes, field), container, here)


def _port_problems(probe: Probe | None, container: Container, path: tuple[Any, ...]) -> Found:
    if probe is None or probe.command is not None or isinstance(probe.port, int):
        return
    name = path[-3]
    if probe.port is None and first_tcp_port(container.ports) is None:
        yield path, f"probes a TCP port, but {name} has none; write `ports:` or `command:`"
    elif probe.port is not None and probe.port not in container.ports:
        known = ", ".join(container.ports) or "none"
        yield (*path, "port"), f"there is no port {probe.port}; {name} has {known}"


def _stop_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    """Find waits before the end that are as long as the pod may take to end, and requests to no port."""
    actions = [(path, workload.pre_stop, workload.ports)] + [
        ((*path, "sidecars", name), container.pre_stop, container.ports)
        for name, container in workload.sidecars.items()
    ]
    for place, stop, ports in actions:
        if stop is None:
            continue
        if stop.sleep is not None and stop.sleep >= workload.grace:
            message = f"{stop.sleep} is not less than `grace`, after which the pod is stopped; lower it"
            yield (*place, "preStop", "sleep"), message
        if stop.path is not None and stop.port is None and first_tcp_port(ports) is None:
            yield (*place, "preStop"), "asks a TCP port, but there is none; write `port:` or `command:`"


def _service_problems(workload: Stateful, path: tuple[Any, ...]) -> Found:
    for name, port in workload.ports.items():
        if port.service not in {None, port.number}:
            yield (
                (*path, "ports", name, "service"),
                f"a stateful workload is reached pod by pod, where {name} is {port.number}; delete this line",
            )


def _budget_problems(budget: Budget, copies: int, path: tuple[Any, ...]) -> Found:
    if copies < 2:  # noqa: PLR2004 there is no budget then
        return
    if budget.min_available is not None and _share(budget.min_available, copies) >= copies:
        yield (
            (*path, "minAvailable"),
            f"lets none of {copies} replicas be evicted, so no node can be drained; lower it",
        )
    if budget.max_unavailable is not None and _share(budget.max_unavailable, copies) == 0:
        yield (
            (*path, "maxUnavailable"),
            "lets no replica be evicted, so no node can be drained; write 1 or more",
        )


def _share(amount: str, copies: int) -> int:
    """Return the number of replicas of an amount; the disruption controller rounds up."""
    return ceil(Fraction(amount[:-1]) * copies / 100) if amount.endswith("%") else int(amount)
