"""Checks environments against each other: namespaces and hosts of one cluster, flows between environments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from envs.config.checks.consistency import Found, Place
from envs.config.model.environment import Environment
from envs.config.model.flow import Endpoint, Flow
from envs.config.model.workload import Serving
from envs.config.reading.faults import suggestion
from kube.yaml.faults import Fault
from kube.yaml.paths import dotted


def shared_faults(
    environments: Mapping[str, Environment], place: Callable[[str], Place], names: Collection[str]
) -> Iterator[tuple[str, Fault]]:
    """Find namespaces and hosts that are used twice, and flows that only one side declares.

    Yields each fault with its environment; `names` are all environments of the root, whether they were read or not.
    """
    taken: dict[tuple[str | None, str], str] = {}
    unread = {*names} - {*environments}
    for name, environment in environments.items():
        for path, message in _problems(environment, environments, taken, unread):
            yield name, Fault(place(name)(path), dotted(path), message)


def complete_host(environment: Environment, host: str) -> str:
    """Complete a host without a dot to <host>.<environment>.<domain>."""
    return host if "." in host else f"{host}.{environment.name}.{environment.cluster.domain}"


def _problems(
    environment: Environment,
    environments: Mapping[str, Environment],
    taken: dict[tuple[str | None, str], str],
    unread: Collection[str],
) -> Found:
    yield from _promotion_problems(environment, environments, unread)
    if environment.gitops is not None:
        job = f"the namespace gitops-{environment.name}"
        yield from _taken(environment, job, "the GitOps job", ("gitops",), taken)
    for name, app in environment.apps.items():
        path = ("apps", name)
        yield from _taken(environment, f"the namespace {environment.namespace(name)}", name, path, taken)
        if app.scope == "cluster":
            yield from _cluster_wide(environment, name, (*path, "scope"), taken)
        for workload_name, workload in app.workloads.items():
            if isinstance(workload, Serving):
                here, owner = (*path, "workloads", workload_name), f"{workload_name} in {name}"
                for place, address in _addresses(environment, workload):
                    yield from _taken(environment, address, owner, (*here, *place), taken)
        for flow_name, flow in app.flows.items():
            place = (*path, "flows", flow_name)
            yield from _remote_problems(environment, environments, unread, name, flow, place)


def _addresses(environment: Environment, workload: Serving) -> Iterator[tuple[tuple[str, ...], str]]:
    for place, host in workload.every_host.items():
        for below in host.paths:
            yield place, f"the host {complete_host(environment, host.host)}{below}"


def _promotion_problems(
    environment: Environment, environments: Mapping[str, Environment], unread: Collection[str]
) -> Found:
    """Follow `promotes.from`: each environment must exist, and there must be no cycle."""
    seen = [environment.name]
    current = environment
    while current.promotes is not None:
        source = current.promotes.from_
        if source in seen:
            if source == environment.name:
                circle = " <- ".join([*seen, source])
                yield (
                    ("promotes", "from"),
                    f"is circular: {circle}; the first environment must not have `promotes`",
                )
            return
        if source not in environments:
            if current is environment and source not in unread:
                hint = suggestion(source, environments)
                yield ("promotes", "from"), f"there is no environment {source}{hint}"
            return
        seen.append(source)
        current = environments[source]


def _taken(
    environment: Environment,
    what: str,
    owner: str,
    path: tuple[Any, ...],
    taken: dict[tuple[str | None, str], str],
) -> Found:
    key = (environment.cluster.context, what)
    if key in taken:
        yield path, f"{what} is already used by {taken[key]}; each needs its own"
    taken.setdefault(key, f"{owner} of {environment.name}")


def _cluster_wide(
    environment: Environment, app: str, path: tuple[Any, ...], taken: dict[tuple[str | None, str], str]
) -> Found:
    """Find an app whose objects without a namespace another environment on the cluster would write, too."""
    other = taken.setdefault((environment.cluster.context, f"the objects of {app}"), environment.name)
    if other != environment.name:
        yield path, f"{app} of {other} has `scope: cluster` on the same cluster; keep it in one environment"


def _remote_problems(  # noqa: PLR0913, PLR0917 - both sides of a flow, and where they are
    environment: Environment,
    environments: Mapping[str, Environment],
    unread: Collection[str],
    app: str,
    flow: Flow,
    path: tuple[Any, ...],
) -> Found:
    for side, endpoint in (("from", flow.from_), ("to", flow.to)):
        if endpoint.environment in {None, environment.name, *unread}:
            continue
        here, other = (*path, side, "environment"), environments.get(str(endpoint.environment))
        if other is None:
            hint = suggestion(str(endpoint.environment), environments)
            yield here, f"there is no environment {endpoint.environment}{hint}"
        elif endpoint.app in other.apps and other.apps[endpoint.app].namespace.name is not None:
            place = other.namespace(endpoint.app)
            message = f"{endpoint.app} of {other.name} is in the namespace {place} by name"
            yield here, f"{message}; declare it in `cluster.peers` and write `peer:`"
        elif other.cluster.context != environment.cluster.context:
            yield here, f"{other.name} is in another cluster; write a CIDR"
        elif _connection(environment, app, flow) not in _connections(other):
            yield here, f"{other.name} does not declare this flow; both environments must, with the same port"


Pods = tuple[str, str, str | None]


def _connections(environment: Environment) -> set[tuple[Pods, Pods, str]]:
    return {
        _connection(environment, name, flow)
        for name, app in environment.apps.items()
        for flow in app.flows.values()
        if flow.from_.is_workload and flow.to.is_workload
    }


def _connection(environment: Environment, app: str, flow: Flow) -> tuple[Pods, Pods, str]:
    """Describe a flow in words that both of its environments would use."""
    return (
        _pods(environment, app, flow.from_),
        _pods(environment, app, flow.to),
        _port(environment, app, flow),
    )


def _pods(environment: Environment, app: str, endpoint: Endpoint) -> Pods:
    return endpoint.environment or environment.name, endpoint.app or app, endpoint.workload


def _port(environment: Environment, app: str, flow: Flow) -> str:
    target = environment.apps.get(flow.to.app or app)
    workload = target.workloads.get(flow.to.workload or "") if target else None
    if isinstance(flow.port, str) and workload is not None and flow.port in workload.ports:
        port = workload.ports[flow.port]
        return f"{port.number}/{port.protocol}"
    return f"{flow.port}/{flow.protocol}"
