"""Rules over Jobs and CronJobs: they end and do not overlap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.context import Context, Level
from policies.rule import Area, ObjectRule, Violation
from policies.subject import Subject, Unknown, dig


def check_bounded(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find jobs without a deadline, and schedules whose runs overlap."""
    if subject.partial:
        return
    spec = subject.manifest.get("spec")
    if subject.kind == "CronJob":
        yield from _schedule(spec)
        yield from _end(dig(spec, "jobTemplate", "spec"), "spec.jobTemplate.spec")
    else:
        # A Job that deletes itself (ttlSecondsAfterFinished) would run again whenever Git is applied.
        yield from _end(spec, "spec")


def _schedule(spec: Any) -> Iterator[Violation]:
    concurrency = dig(spec, "concurrencyPolicy")
    if concurrency not in ("Forbid", "Replace") and not isinstance(concurrency, Unknown):
        yield Violation("spec.concurrencyPolicy", "slow runs would overlap; set Forbid or Replace")
    if dig(spec, "startingDeadlineSeconds") is None:
        # https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#cron-job-limitations
        message = "after 100 missed starts the schedule stops forever; set startingDeadlineSeconds"
        yield Violation("spec.startingDeadlineSeconds", message)


def _end(spec: Any, path: str) -> Iterator[Violation]:
    if dig(spec, "activeDeadlineSeconds") is None:
        yield Violation(
            f"{path}.activeDeadlineSeconds", "nothing stops a run that hangs; set activeDeadlineSeconds"
        )


RULES = (
    ObjectRule(
        id="jobs-are-bounded",
        area=Area.PODS,
        law="Jobs have a deadline; CronJobs do not overlap and survive missed starts.",
        why="A run that hangs uses quota, and blocks or overlaps the next one, until somebody stops it.",
        test=Level.ADVISORY,
        production=Level.MANDATORY,
        kinds=frozenset({"Job", "CronJob"}),
        check=check_bounded,
    ),
)
