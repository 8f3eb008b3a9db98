"""The order in which environments are listed, previewed and deployed: qa before e2e before prod."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Step(NamedTuple):
    """What decides the place of an environment: its tier, and the environment that it promotes from."""

    tier: str
    source: str | None


def promotion_order(environments: Mapping[str, Step]) -> list[str]:
    """Names of environments: each after the one that it promotes from, else tests before production, else by name.

    Tests come first because a deploy in this order stops at the approval of production.
    """
    ordered: list[str] = []
    waiting = sorted(environments, key=lambda name: (environments[name].tier == "production", name))
    while waiting:
        ready = [name for name in waiting if environments[name].source not in waiting]
        following = ready[0] if ready else waiting[0]
        waiting.remove(following)
        ordered.append(following)
    return ordered
