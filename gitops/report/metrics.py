"""Writes the metrics of a run as Prometheus text, and sends them to a Pushgateway.

A run that aborted knows nothing of its applications: it sends what it knows, and their last metrics stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import httpx2

from gitops.report.outcome import Outcome
from gitops.settings import Settings

SECONDS = 10.0  # that the Pushgateway may take
Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True)
class Measured:
    """What is known of a run at its end."""

    now: datetime
    seconds: float
    outcomes: Sequence[Outcome] = ()
    aborted: bool = False
    requests: int = 0  # to the API server
    failures: Mapping[int, int] = field(default_factory=dict)  # by HTTP status; 0: no answer
    successes: Mapping[str, str] = field(default_factory=dict)  # by application, RFC 3339


def page(settings: Settings, measured: Measured) -> str:
    """Write the metrics in Prometheus' text format."""
    lines = [*_of_run(settings, measured), *([] if measured.aborted else _of_applications(measured))]
    return "\n".join(lines) + "\n"


def _of_run(settings: Settings, measured: Measured) -> Iterator[str]:
    good = not measured.aborted and all(outcome.code == 0 for outcome in measured.outcomes)
    failures = [({"status": str(status)}, count) for status, count in {0: 0, **measured.failures}.items()]
    for name, text, value in (
        ("last_run_timestamp_seconds", "when the last run ended", measured.now.timestamp()),
        ("last_run_seconds", "how long the last run took", round(measured.seconds, 3)),
        ("last_run_success", "1 if no application failed", int(good)),
        (
            "last_run_aborted",
            "1 if the run ended before it had looked at all applications",
            int(measured.aborted),
        ),
        ("interval_seconds", "time between two runs", settings.interval),
        ("api_requests", "requests to the API server in the last run", measured.requests),
    ):
        yield from _metric(f"gitops_{name}", text, [({}, value)])
    text = "failed requests to the API server in the last run; status 0: no answer"
    yield from _metric("gitops_api_errors", text, failures)


def _of_applications(measured: Measured) -> Iterator[str]:
    found = measured.outcomes
    last = ((name, datetime.fromisoformat(at).timestamp()) for name, at in sorted(measured.successes.items()))
    away = [(_name(each), float(bool(each.away_since))) for each in found]
    for name, text, samples in (
        ("info", "sync status and health", list(map(_state, found))),
        ("code", "exit code of an application", [(_name(each), each.code) for each in found]),
        (
            "seconds",
            "how long an application took",
            [(_name(each), round(each.seconds, 3)) for each in found],
        ),
        ("objects", "objects by what was done", list(_counts(found))),
        ("health_objects", "objects by health", list(_healths(found))),
        ("source_failing", "1 while Git or the signature of the commit fails", away),
        (
            "last_success_timestamp_seconds",
            "when an application was last synced without a fault",
            [({"application": application}, at) for application, at in last],
        ),
    ):
        yield from _metric(f"gitops_application_{name}", text, samples)
    yield from _metric("gitops_foreign_objects", "objects that nobody accounts for", _foreign(found))
    yield from _metric("gitops_drifted_objects", "objects of others that differ from Git", _drifted(found))


def _metric(name: str, text: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        inner = ",".join(f'{label}="{content}"' for label, content in labels.items())
        yield f"{name}{{{inner}}} {value}" if inner else f"{name} {value}"


def _name(outcome: Outcome) -> dict[str, str]:
    return {"application": outcome.application}


def _state(outcome: Outcome) -> Sample:
    labels = _name(outcome) | {"sync_status": str(outcome.sync), "health_status": str(outcome.health)}
    return labels | {"suspended": str(outcome.suspended).lower(), "revision": outcome.commit}, 1


def _counts(outcomes: Iterable[Outcome]) -> Iterator[Sample]:
    for outcome in outcomes:
        for action, count in outcome.counts.items():
            yield _name(outcome) | {"action": action}, count


def _healths(outcomes: Iterable[Outcome]) -> Iterator[Sample]:
    for outcome in outcomes:
        for word, count in outcome.healths.items():
            yield _name(outcome) | {"health": word}, count


def _foreign(outcomes: Iterable[Outcome]) -> Iterator[Sample]:
    for found in filter(None, (outcome.account for outcome in outcomes)):
        for namespace, count in found.foreign_by_namespace().items():
            yield {"namespace": namespace}, count


def _drifted(outcomes: Iterable[Outcome]) -> Iterator[Sample]:
    for found in filter(None, (outcome.account for outcome in outcomes)):
        for namespace, count in found.drift_by_namespace().items():
            yield {"namespace": namespace}, count


def push(gateway: str, environment: str, text: str, *, keep: bool = False) -> str:
    """Send the metrics; `keep` leaves metrics of other names as they are.

    Returns an error message instead of failing, since the run itself is finished. Source: Pushgateway, API, PUT and
    POST.
    """
    url = f"{gateway.rstrip('/')}/metrics/job/gitops/environment/{environment}"
    try:
        answer = httpx2.request("POST" if keep else "PUT", url, content=text.encode(), timeout=SECONDS)
    except httpx2.HTTPError as error:
        return f"{gateway}: metrics were not accepted: {error}"
    return "" if answer.is_success else f"{gateway}: metrics were not accepted: HTTP {answer.status_code}"
