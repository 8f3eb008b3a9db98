"""Events about objects: one when an object becomes Degraded or goes Missing, on the CronJob and on the object itself.

An Event is written when the finding is new, which the last status tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from gitops.cluster.finding import Finding
from gitops.cluster.records import Store
from gitops.errors import ClusterError
from gitops.report.outcome import Outcome

_FORBIDDEN = 403


def announce(store: Store, result: Outcome, before: Mapping[str, str], now: datetime) -> None:
    """Write an Event for each new finding, and one when there is none any more."""
    known = before.get("unhealthy", "").splitlines()
    fresh = [finding for finding in result.findings if not _is_known(finding, known)]
    for finding in fresh:
        store.event(result.application, reason=finding.reason, message=str(finding), now=now, warning=True)
    if _was_poor(known) and not result.findings and not result.code:
        message = "no object is Degraded or Missing any more"
        store.event(result.application, reason="Recovered", message=message, now=now, warning=False)
    _announce_on_objects(store, fresh, now)


def _is_known(finding: Finding, known: Sequence[str]) -> bool:
    """Tell whether an object had the same fault before; its message may count something, and does not matter."""
    return any(line.startswith(_beginning(finding)) for line in known)


def _beginning(finding: Finding) -> str:
    return f"{finding.key} is {finding.reason}:"


def _was_poor(known: Sequence[str]) -> bool:
    return any(f" is {word}: " in line for line in known for word in ("Degraded", "Missing"))


def _announce_on_objects(store: Store, fresh: Sequence[Finding], now: datetime) -> None:
    """Write Events beside the objects that exist; those of cluster-scoped objects would need rights elsewhere."""
    refused: set[str] = set()
    for finding in fresh:
        namespace = finding.key.namespace
        if not finding.uid or not namespace or namespace in refused:
            continue
        try:
            store.object_event(finding, now)
        except ClusterError as error:
            if error.status != _FORBIDDEN:
                raise
            refused.add(namespace)
            store.note(f"Events could not be written in {namespace}: {error}")
