"""How pods of a workload are replaced: how many, and how many at a time.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from policies.subject import dig

_QUARTER = "25%"


def at_a_time(body: Mapping[str, Any], pods: int) -> str:
    """Say how the pods of a workload restart."""
    kind = body.get("kind")
    if dig(body, "spec", "strategy", "type") == "Recreate":
        return "stops all of its pods, then starts them anew"
    if kind == "Deployment":
        most = _part(dig(body, "spec", "strategy", "rollingUpdate", "maxSurge"), pods, math.ceil)
        most += _part(dig(body, "spec", "strategy", "rollingUpdate", "maxUnavailable"), pods, math.floor)
        return f"restarts its pods, {min(max(most, 1), max(pods, 1)):,} at a time"
    if kind == "StatefulSet":
        if dig(body, "spec", "updateStrategy", "type") == "OnDelete":
            return "restarts a pod when it is deleted by hand"
        return "restarts its pods, one after the other"
    return "restarts its pods"


def _part(value: Any, pods: int, whole: Callable[[float], int]) -> int:
    """Resolve a number or a percentage of the pods, as the Deployment controller does."""
    wanted = _QUARTER if value is None else value
    if isinstance(wanted, str) and wanted.endswith("%") and wanted[:-1].isdecimal():
        return whole(int(wanted[:-1]) * pods / 100)
    return int(wanted) if isinstance(wanted, int) or str(wanted).isdecimal() else 0
