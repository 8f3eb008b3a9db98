"""What is sent out when a run has ended, however it has ended: metrics, and news to a webhook; no failure matters."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from gitops.errors import GitOpsError, InternalError
from gitops.report.outcome import Outcome
from gitops.run.job import Run
from gitops.settings import Settings
from kube.moments import moment

_QUIET = 900  # seconds between two notices of runs that abort


@dataclass
class Ending:
    """What is known of a run so far."""

    settings: Settings
    clock: Callable[[], datetime]
    complain: Callable[[str], None]
    run: Run | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    aborted: str = "the run was interrupted"  # why; empty for a run that has looked at all applications
    started: float = field(default_factory=time.monotonic)

    def tell(self) -> None:
        """Send everything out."""
        if self.settings.pushgateway:
            self._attempt("metrics were not sent", self._push)
        if self.settings.notify and self._has_news():
            self._attempt("the webhook was not told", self._notify)

    def _attempt(self, failure: str, send: Callable[[], str]) -> None:
        try:
            complaint = send()
        except Exception as error:  # noqa: BLE001 - the run itself is finished
            complaint = f"{failure}: {InternalError(error)}"
        if complaint:
            self.complain(complaint)

    def _has_news(self) -> bool:
        """Tell whether there is something to say; a run that aborts remembers nothing, so not each one says so."""
        if self.run and self.run.news:
            return True
        now, interval = self.clock().timestamp(), self.settings.interval
        return bool(self.aborted) and now // _QUIET != (now - interval) // _QUIET

    def _notify(self) -> str:
        from gitops.report import notice, webhook  # noqa: PLC0415 - most runs have nothing to say

        notify = self.settings.notify
        if notify is None:
            return ""
        at, news = moment(self.clock()), self.run.news if self.run else []
        said = notice.notice(self.settings.environment, at, news, self.aborted, notify.form)
        return webhook.post(notify.address, said)

    def _push(self) -> str:
        from gitops.report import metrics  # noqa: PLC0415 - many jobs have no gateway

        traffic = self.run.cluster.traffic if self.run else None
        measured = metrics.Measured(
            self.clock(),
            time.monotonic() - self.started,
            self.outcomes,
            bool(self.aborted),
            traffic.requests if traffic else 0,
            traffic.by_status() if traffic else {},
            self.run.successes if self.run else {},
        )
        page = metrics.page(self.settings, measured)
        gateway, environment = str(self.settings.pushgateway), self.settings.environment
        return metrics.push(gateway, environment, page, keep=bool(self.aborted))


@contextmanager
def ending(
    settings: Settings, clock: Callable[[], datetime], complain: Callable[[str], None]
) -> Iterator[Ending]:
    """Send out what is known at the end of a run, also when it raises."""
    found = Ending(settings, clock, complain)
    try:
        yield found
        found.aborted = ""
    except GitOpsError as error:
        found.aborted = str(error)
        raise
    except Exception as error:
        found.aborted = str(InternalError(error))
        raise
    finally:
        found.tell()
