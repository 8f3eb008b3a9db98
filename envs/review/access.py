"""Permissions in, who may do what as lines and as data out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from envs.review.meaning.access import by_actions
from envs.review.permissions import Permission

_ALL = 1_000  # resources


def as_text(granted: Iterable[Permission], environment: str) -> str:
    """Write who may do what, and where; equal permissions in several apps once."""
    by_who: dict[str, list[str]] = defaultdict(list)
    for (who, actions), apps in by_actions(granted, environment, _ALL).items():
        where = f"in {', '.join(apps)}" if any(apps) else "in the whole cluster"
        by_who[who] += [f"  {where}:", *(f"    {action}" for action in actions.split("; "))]
    lines = [line for who in sorted(by_who) for line in (who, *by_who[who])]
    return "\n".join(lines) or "nobody has a permission by the objects of this environment"


def as_json(granted: Iterable[Permission]) -> list[dict[str, Any]]:
    """Return each permission as plain data, sorted."""
    return [asdict(each) for each in sorted(granted)]
