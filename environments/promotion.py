"""The order in which releases travel: qa before e2e before prod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from environments.faults import suggestion
from environments.model import Environment


def promotion_order(environments: Mapping[str, Environment]) -> list[str]:
    """Names of environments, each after the one that it promotes from, else by name."""
    ordered: list[str] = []
    waiting = sorted(environments)
    while waiting:
        ready = [name for name in waiting if _source(environments[name]) not in waiting]
        following = ready[0] if ready else waiting[0]
        waiting.remove(following)
        ordered.append(following)
    return ordered


def promotion_problems(environments: Mapping[str, Environment]) -> Iterator[tuple[str, str]]:
    """Environments whose `promotes.from` names none, or comes back to itself; with what is wrong."""
    for name, environment in environments.items():
        source = _source(environment)
        if source is not None and source not in environments:
            yield name, f"there is no environment {source}{suggestion(source, environments)}"
        elif source is not None and name in _sources(environments, source):
            yield name, f"promotion goes in a circle: {name} would receive what it sent to {source}"


def _sources(environments: Mapping[str, Environment], name: str) -> set[str]:
    seen: set[str] = set()
    current: str | None = name
    while current is not None and current in environments and current not in seen:
        seen.add(current)
        current = _source(environments[current])
    return seen


def _source(environment: Environment) -> str | None:
    return environment.promotes.from_ if environment.promotes else None
