"""Assesses kinds without a rule of their own by their conditions, else by `status.phase` or `status.state`.

The conditions are those of kstatus (sigs.k8s.io/cli-utils/pkg/kstatus), of Kubernetes' API conventions, and Synced,
which Crossplane, Sealed Secrets and others set.
"""

from __future__ import annotations

import re

from gitops.cluster.assessment import (
    HEALTHY,
    Assessment,
    conditions,
    degraded,
    explain,
    is_condition,
    progressing,
    suspended,
)
from gitops.objects import Body

_FAILURES = ("Stalled", "Failed", "Degraded")
_READY = ("Ready", "Available")
_PROGRESS = ("Synced", "Progressing", "Reconciling")
_BAD_REASON = re.compile(r"fail|error|invalid|denied|stalled", re.IGNORECASE)
_PAUSED = {"ReconcilePaused"}  # crossplane-runtime, apis/common
# Words that mean the same wherever they are used. `Running`, `Active` or `Released` do not, and say nothing.
_FAILED_WORDS = {"degraded", "error", "errored", "failed", "failure"}
_UNFINISHED_WORDS = {
    "creating",
    "deleting",
    "inprogress",
    "initializing",
    "pending",
    "progressing",
    "provisioning",
    "reconciling",
    "terminating",
    "updating",
    "upgrading",
}


def assess_status(status: Body, generation: int) -> Assessment:
    """Judge a status; one that says nothing is Healthy."""
    found = conditions(status)
    stale = {name for name, condition in found.items() if _is_stale(condition, generation)}
    current = {"conditions": [condition for name, condition in found.items() if name not in stale]}
    finding = _by_conditions(current)
    if finding is None and stale & {*_READY, *_PROGRESS, *_stale_failures(found, stale)}:
        return progressing("its controller has not seen the last change yet")
    if finding is not None or set(_READY) & found.keys():
        return finding or HEALTHY
    return _by_word(status)


def _is_stale(condition: Body, generation: int) -> bool:
    """Tell whether a condition is about an earlier generation (API conventions, observedGeneration)."""
    observed = condition.get("observedGeneration")
    return isinstance(observed, int) and observed < generation


def _stale_failures(found: dict[str, Body], stale: set[str]) -> set[str]:
    """Name the failures of an earlier generation, which may be over; what had not failed then says nothing now."""
    return {name for name in stale.intersection(_FAILURES) if found[name].get("status") != "False"}


def _by_conditions(status: Body) -> Assessment | None:
    """Judge by conditions; None where they hold nothing against the object."""
    for name in _FAILURES:
        if is_condition(status, name):
            return degraded(explain(status, name))
    return _by_progress(status) or _by_readiness(status)


def _by_progress(status: Body) -> Assessment | None:
    found = conditions(status)
    if found.get("Progressing", {}).get("reason") == "ProgressDeadlineExceeded":
        return degraded(explain(status, "Progressing"))
    if is_condition(status, "Synced", "False"):
        paused = found["Synced"].get("reason") in _PAUSED
        return (suspended if paused else degraded)(explain(status, "Synced"))
    if is_condition(status, "Reconciling"):
        return progressing(explain(status, "Reconciling"))
    return progressing(explain(status, "Synced")) if is_condition(status, "Synced", "Unknown") else None


def _by_readiness(status: Body) -> Assessment | None:
    found = conditions(status)
    name = next((name for name in _READY if name in found), "")
    ready = found.get(name, {})
    if ready.get("status") == "False" and _BAD_REASON.search(str(ready.get("reason", ""))):
        return degraded(explain(status, name))
    return progressing(explain(status, name)) if ready.get("status") in {"False", "Unknown"} else None


def _by_word(status: Body) -> Assessment:
    """Judge by the phase or state, where no condition says whether the object is ready."""
    for name in ("phase", "state"):
        value = status.get(name)
        word = value.casefold().replace(" ", "").replace("_", "") if isinstance(value, str) else ""
        if word in _FAILED_WORDS:
            return degraded(": ".join(filter(None, (f"{name} {value}", _message(status)))))
        if word in _UNFINISHED_WORDS:
            return progressing(f"{name} {value}")
    return HEALTHY


def _message(status: Body) -> str:
    message = status.get("message") or status.get("reason")
    return message if isinstance(message, str) else ""
