"""Writes the metrics of a run as Prometheus text, and sends them to a Pushgateway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import httpx2

from gitops.report.outcome import Outcome
from gitops.settings import Settings


def page(settings: Settings, outcomes: Iterable[Outcome], now: datetime, seconds: float) -> str:
    """Write the metrics in Prometheus' text format; alerts on them are in gitops/alerts.yaml."""
    outcomes = list(outcomes)
    good = all(outcome.code == 0 for outcome in outcomes)
    lines = [
        *_metric("gitops_last_run_timestamp_seconds", "when the last run ended", [({}, now.timestamp())]),
        *_metric("gitops_last_run_seconds", "how long the last run took", [({}, round(seconds, 3))]),
        *_metric("gitops_last_run_success", "1 if no application failed", [({}, int(good))]),
        *_metric("gitops_interval_seconds", "time between two runs", [({}, settings.interval)]),
        *_metric("gitops_application_info", "sync status and health", map(_state, outcomes)),
        *_metric("gitops_application_code", "exit code of an application", map(_code, outcomes)),
        *_metric("gitops_application_objects", "objects by what was done", _counts(outcomes)),
        *_metric("gitops_foreign_objects", "objects that nobody accounts for", _foreign(outcomes)),
        *_metric("gitops_drifted_objects", "objects of others that differ from Git", _drifted(outcomes)),
    ]
    return "\n".join(lines) + "\n"


def _metric(name: str, text: str, samples: Iterable[tuple[Mapping[str, str], float]]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        inner = ",".join(f'{label}="{content}"' for label, content in labels.items())
        yield f"{name}{{{inner}}} {value}" if inner else f"{name} {value}"


def _state(outcome: Outcome) -> tuple[dict[str, str], float]:
    sync, health = str(outcome.sync), str(outcome.health)
    labels = {"application": outcome.application, "sync_status": sync, "health_status": health}
    return labels | {"suspended": str(outcome.suspended).lower(), "revision": outcome.commit}, 1


def _code(outcome: Outcome) -> tuple[dict[str, str], float]:
    return {"application": outcome.application}, outcome.code


def _counts(outcomes: Iterable[Outcome]) -> Iterator[tuple[dict[str, str], float]]:
    for outcome in outcomes:
        for action, count in outcome.counts.items():
            yield {"application": outcome.application, "action": action}, count


def _foreign(outcomes: Iterable[Outcome]) -> Iterator[tuple[dict[str, str], float]]:
    for found in filter(None, (outcome.account for outcome in outcomes)):
        for namespace, count in found.foreign_by_namespace().items():
            yield {"namespace": namespace}, count


def _drifted(outcomes: Iterable[Outcome]) -> Iterator[tuple[dict[str, str], float]]:
    for found in filter(None, (outcome.account for outcome in outcomes)):
        for namespace, count in found.drift_by_namespace().items():
            yield {"namespace": namespace}, count


def push(gateway: str, environment: str, text: str) -> str:
    """Send the metrics; return an error message instead of failing, since the run itself is finished."""
    url = f"{gateway.rstrip('/')}/metrics/job/gitops/environment/{environment}"
    try:
        answer = httpx2.put(url, content=text.encode(), timeout=10.0)
    except httpx2.HTTPError as error:
        return f"{gateway}: metrics were not accepted: {error}"
    return "" if answer.is_success else f"{gateway}: metrics were not accepted: HTTP {answer.status_code}"
