"""The order in which environments are listed, previewed and deployed: qa before e2e before prod."""

from __future__ import annotations

from collections.abc import Mapping

from envs.config.model.environment import Environment


def promotion_order(environments: Mapping[str, Environment]) -> list[str]:
    """Names of environments: each after the one that it promotes from, else tests before production, else by name.

    Tests come first because a deploy in this order stops at the approval of production.
    """
    ordered: list[str] = []
    waiting = sorted(environments, key=lambda name: (environments[name].tier == "production", name))
    while waiting:
        ready = [name for name in waiting if _source(environments[name]) not in waiting]
        following = ready[0] if ready else waiting[0]
        waiting.remove(following)
        ordered.append(following)
    return ordered


def _source(environment: Environment) -> str | None:
    return environment.promotes.from_ if environment.promotes else None
