"""Checks references within an environment: teams, workloads, ports and volumes that must exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from envs.config.checks.addresses import address_problems
from envs.config.checks.capacity import capacity_problems
from envs.config.checks.collisions import collision_problems
from envs.config.checks.hosts import host_problems
from envs.config.checks.identity import identity_problems
from envs.config.checks.images import image_problems
from envs.config.checks.job import job_problems
from envs.config.checks.kinds import kind_problems, scope_problems
from envs.config.checks.names import (
    namespace_label_problems,
    namespace_problems,
    peer_problems,
    workload_name_problems,
)
from envs.config.checks.pod import pod_problems
from envs.config.checks.reach import reach_problems
from envs.config.checks.services import claim_problems, service_problems
from envs.config.model.app import App
from envs.config.model.environment import Environment
from envs.config.model.flow import Endpoint, Flow
from envs.config.model.workload import Stateful, Workload
from envs.config.reading.faults import suggestion
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin
from kube.yaml.paths import dotted

Place = Callable[[tuple[Any, ...]], Origin]
Found = Iterator[tuple[tuple[Any, ...], str]]


def consistency_faults(environment: Environment, place: Place) -> Iterator[Fault]:
    """Find the faults within one environment; `place` returns the origin of a path."""
    for path, message in _problems(environment):
        yield Fault(place(path), dotted(path), message)


def _problems(environment: Environment) -> Found:
    for name, app in environment.apps.items():
        path = ("apps", name)
        if app.team is not None and app.team not in environment.teams:
            yield (*path, "team"), f"there is no team {app.team}{suggestion(app.team, environment.teams)}"
        yield from namespace_problems(environment.namespace(name), path)
        yield from namespace_label_problems(app, path)
        yield from scope_problems(environment, app, path)
        yield from _app_problems(environment, app, path)
    yield from peer_problems(environment)
    yield from kind_problems(environment)
    yield from job_problems(environment)


def _app_problems(environment: Environment, app: App, path: tuple[Any, ...]) -> Found:
    if app.source and app.workloads:
        yield (*path, "workloads"), "an app with a `source` has no workloads here: they are in its repository"
    if app.source and app.delivery == "push":
        yield path, "an app with a `source` is pulled; write `delivery: pull`"
    for name, workload in app.workloads.items():
        yield from _workload_problems(environment, name, workload, (*path, "workloads", name))
    for name, flow in app.flows.items():
        yield from _flow_problems(environment, path[1], flow, (*path, "flows", name))
    yield from reach_problems(environment, app, path)
    yield from address_problems(environment, path[1], path)
    yield from capacity_problems(app, path)


def _workload_problems(
    environment: Environment, name: str, workload: Workload, path: tuple[Any, ...]
) -> Found:
    yield from workload_name_problems(name, workload, path)
    yield from collision_problems(workload, path)
    yield from service_problems(workload, path)
    yield from claim_problems(workload, path)
    yield from image_problems(environment, workload, path)
    yield from identity_problems(environment, workload, path)
    yield from host_problems(environment, workload, path)
    yield from _container_problems(workload, path)
    yield from _probe_problems(workload, path)
    yield from pod_problems(workload, path)


def _container_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    volumes = {*workload.volumes, *workload.claims}
    if isinstance(workload, Stateful):
        volumes |= set(workload.storage)
    names = [*workload.init, *workload.sidecars]
    for group, containers in (("init", workload.init), ("sidecars", workload.sidecars)):
        for name, container in containers.items():
            here = (*path, group, name)
            if name == path[-1] or names.count(name) > 1:
                yield here, f"two containers of one pod are named {name}"
            for volume in container.mounts:
                if volume not in volumes:
                    yield (
                        (*here, "mounts", volume),
                        f"there is no volume {volume}{suggestion(volume, volumes)}",
                    )


def _probe_problems(workload: Workload, path: tuple[Any, ...]) -> Found:
    if workload.probes is None:
        return
    for name in ("ready", "live", "start"):
        probe = getattr(workload.probes, name)
        if probe is None or probe.command is not None:
            continue
        here = (*path, "probes", name)
        if not workload.ports and not isinstance(probe.port, int):
            yield here, "probes a port, but the workload has none; write `ports:` or `command:`"
        elif isinstance(probe.port, str) and probe.port not in workload.ports:
            known = ", ".join(workload.ports)
            yield (*here, "port"), f"there is no port {probe.port}; {path[-1]} has {known}"


def _flow_problems(environment: Environment, app: str, flow: Flow, path: tuple[Any, ...]) -> Found:
    for side, endpoint in (("from", flow.from_), ("to", flow.to)):
        yield from _endpoint_problems(environment, app, endpoint, (*path, side))
    if flow.to.is_ingress:
        yield (*path, "to"), "`ingress` can only be a source; write the CIDR to be reached"
    if flow.from_.is_ingress and environment.cluster.ingress is None:
        yield (
            (*path, "from"),
            "the source of outside traffic is not declared; write `cluster.ingress` with a namespace",
        )
    own = [side for side in (flow.from_, flow.to) if _is_here(environment, app, side)]
    if not own:
        yield path, f"neither side is a workload of {app}; declare the flow in the app it belongs to"
    yield from _port_problems(environment, app, flow, path)


def _is_here(environment: Environment, app: str, endpoint: Endpoint) -> bool:
    here = endpoint.app in {None, app} and endpoint.environment in {None, environment.name}
    return endpoint.is_workload and here


def _endpoint_problems(
    environment: Environment, app: str, endpoint: Endpoint, path: tuple[Any, ...]
) -> Found:
    if endpoint.peer is not None and endpoint.peer not in environment.cluster.peers:
        hint = suggestion(endpoint.peer, environment.cluster.peers)
        message = f"there is no peer {endpoint.peer}; declare it in `cluster.peers` with its namespace{hint}"
        yield (*path, "peer"), message
    if not endpoint.is_workload or endpoint.environment not in {None, environment.name}:
        return
    name = endpoint.app or app
    target = environment.apps.get(name)
    if target is None:
        yield (*path, "app"), f"there is no app {name}{suggestion(name, environment.apps)}"
    elif endpoint.workload and not target.source and endpoint.workload not in target.pods:
        hint = suggestion(endpoint.workload, target.pods)
        yield (*path, "workload"), f"there is no workload {endpoint.workload} in {name}{hint}"


def _port_problems(environment: Environment, app: str, flow: Flow, path: tuple[Any, ...]) -> Found:
    if isinstance(flow.port, int):
        return
    target = environment.apps.get(flow.to.app or app)
    here = flow.to.is_workload and flow.to.environment in {None, environment.name}
    if not here or target is None or target.source or flow.to.workload in {None, *target.components}:
        yield (
            (*path, "port"),
            f"{flow.port} is the name of a port; a target that is not a workload here needs a number",
        )
        return
    workload = target.workloads.get(flow.to.workload or "")
    if workload is not None and flow.port not in workload.ports:
        known = ", ".join(workload.ports) or "none"
        yield (*path, "port"), f"there is no port {flow.port}; {flow.to.workload} has {known}"
