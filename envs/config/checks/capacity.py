"""Checks that an app fits into its own quota and limits; otherwise the cluster refuses its pods at run time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from envs.config.model.app import App, Quota
from envs.config.model.container import Container
from envs.config.model.resources import Limits, complete
from envs.config.model.workload import Deployment, Finite, Serving, Site, Stateful, Workload
from kube.quantity import cores, mebibytes, number

Found = Iterator[tuple[tuple[Any, ...], str]]
_NOTHING = {"0", "0%"}


def capacity_problems(app: App, path: tuple[Any, ...]) -> Found:
    """Find quotas that are too small for all replicas, and containers above the limit of one container."""
    if app.quota is not None:
        yield from _quota_problems(app.quota, app.limits, app.workloads, (*path, "quota"))
    if app.limits is not None:
        for name, workload in app.workloads.items():
            yield from _limit_problems(app.limits, workload, (*path, "workloads", name))


@dataclass(frozen=True, slots=True)
class _Use:
    """What pods request."""

    pods: Fraction = Fraction(0)
    cpu: Fraction = Fraction(0)
    memory: Fraction = Fraction(0)
    storage: Fraction = Fraction(0)

    def times(self, copies: int) -> _Use:
        return _Use(self.pods * copies, self.cpu * copies, self.memory * copies, self.storage * copies)

    def plus(self, other: _Use) -> _Use:
        return _Use(
            self.pods + other.pods,
            self.cpu + other.cpu,
            self.memory + other.memory,
            self.storage + other.storage,
        )


def _quota_problems(
    quota: Quota, limits: Limits | None, workloads: Mapping[str, Workload], path: tuple[Any, ...]
) -> Found:
    """Compare the quota with all replicas and one more pod, which a rollout needs."""
    use = _Use()
    pods = {name: _pod(limits, workload) for name, workload in workloads.items()}
    for name, workload in workloads.items():
        use = use.plus(pods[name].times(_copies(workload)))
        use = use.plus(_Use(storage=_sum(claim.size for claim in workload.claims.values())))
    more = [pods[name] for name, workload in workloads.items() if _adds_a_pod(workload)]
    rules: tuple[tuple[str, str, Callable[[Fraction], str]], ...] = (
        ("cpu", quota.cpu, cores),
        ("memory", quota.memory, mebibytes),
        ("pods", str(quota.pods), str),
        ("storage", quota.storage, mebibytes),
    )
    for field, most, written in rules:
        wanted = getattr(use, field) + max((getattr(pod, field) for pod in more), default=Fraction(0))
        if wanted > number(most):
            needed = f"all replicas and one more during a rollout need {written(wanted)}"
            yield (*path, field), f"is {most}, and {needed}; raise it, or lower replicas or resources"


def _pod(limits: Limits | None, workload: Workload) -> _Use:
    """Sum up the requests of a pod as the scheduler does: sidecars, and the larger of main and init containers."""
    first = [
        complete(workload.resources, limits, workload.usual),
        *(complete(container.resources, limits) for container in workload.init.values()),
    ]
    beside = [complete(container.resources, limits) for container in workload.sidecars.values()]
    storage = workload.storage.values() if isinstance(workload, Stateful) else ()
    return _Use(
        Fraction(1),
        max(number(str(one.cpu)) for one in first) + _sum(str(one.cpu) for one in beside),
        max(number(str(one.memory_limit)) for one in first) + _sum(str(one.memory_limit) for one in beside),
        _sum(volume.size for volume in storage),
    )


def _sum(quantities: Iterable[str]) -> Fraction:
    """Add quantities."""
    return sum(map(number, quantities), Fraction(0))


def _copies(workload: Workload) -> int:
    """Largest number of pods at a time; one for a daemon, since the number of nodes is not known here."""
    if isinstance(workload, Serving):
        if workload.autoscale is not None:
            return workload.autoscale.max
        return workload.copies
    return min(workload.parallelism, workload.completions) if isinstance(workload, Finite) else 1


def _adds_a_pod(workload: Workload) -> bool:
    """Whether a rollout starts a pod before it stops one."""
    if not isinstance(workload, Deployment | Site):
        return False
    return workload.rollout.strategy == "rolling" and workload.rollout.unavailable in _NOTHING


def _limit_problems(limits: Limits, workload: Workload, path: tuple[Any, ...]) -> Found:
    beside: tuple[tuple[str, Mapping[str, Container]], ...] = (
        ("init", workload.init),
        ("sidecars", workload.sidecars),
    )
    containers = [
        (path, complete(workload.resources, limits, workload.usual)),
        *(
            ((*path, group, name), complete(one.resources, limits))
            for group, some in beside
            for name, one in some.items()
        ),
    ]
    for place, resources in containers:
        asked = (
            ("cpu", str(resources.cpu_limit or resources.cpu), limits.max_cpu),
            ("memory", str(resources.memory_limit), limits.max_memory),
        )
        for field, most, allowed in asked:
            if allowed is not None and number(most) > number(allowed):
                yield (*place, "resources", field), f"{most} is more than the {allowed} that `limits` allows"
