"""Whether the GitOps job runs as often as the layers say; pure, the cluster is not asked here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from envs.config.model.cron import longest_gap
from envs.config.model.gitops import GitOps
from gitops.direct import job_home
from kube.moments import moment

_MISSED = 3  # intervals without a run after which nothing is known any more


@dataclass(frozen=True, slots=True)
class LastRun:
    """When the job has last run."""

    at: datetime | None
    """None if the cluster does not tell."""
    late: str
    """Why what the job has said counts no more; empty if it does."""


def last_run_of(environment: str, job: GitOps, at: datetime | None, now: datetime) -> LastRun:
    """Judge the time of the last run by the schedule; a schedule that does not run on every day is not judged."""
    interval = job.interval or longest_gap(job.schedule)
    if at is None or interval is None or now - at <= timedelta(seconds=_MISSED * interval):
        return LastRun(at, "")
    since = f"the job has not run since {moment(at)}, and it should run every {_span(interval)}"
    if job.suspend:
        return LastRun(at, f"{since}; the layers suspend it")
    return LastRun(
        at, f"{since}; look at it with: kubectl get cronjobs,jobs,pods --namespace {job_home(environment)}"
    )


def _span(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if rest:
        return f"{seconds} seconds"
    return "minute" if minutes == 1 else f"{minutes} minutes"
