"""Sends requests to the API server: concurrently, and again after failures that pass.

Requests go out as plain JSON, because lightkube has no strict field validation, no dry run per request and no
delete with preconditions.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

import httpx2

from gitops.cluster.answers import error_of, read_object
from gitops.cluster.requests import Allow, Traffic, anything, go_on
from gitops.errors import ClusterError
from gitops.objects import Body
from gitops.secrecy import secrets_in
from gitops.settings import Retry

CONNECTIONS = 16  # threads with HTTP/1.1; more are not faster
JSON = "application/json"
_LONGEST_WAIT = 30.0  # seconds
_PASSING = {429, 500, 502, 503, 504}
_Value = TypeVar("_Value")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Transport:
    """A client of HTTP with a thread pool; use it as a context manager."""

    http: httpx2.Client
    retry: Retry = field(default_factory=Retry)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(CONNECTIONS))
    allow: Allow = anything  # raises HaltedError where a request may not be sent
    begin: Callable[[], None] = go_on  # asked before the work on each object, which is then finished
    wait: Callable[[float], None] = time.sleep
    traffic: Traffic = field(default_factory=Traffic)
    patience: float | None = None  # seconds until an unanswered request is given up, if not those of `http`

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.http.close()

    def each(self, function: Callable[[_Value], _Result], values: Iterable[_Value]) -> Iterator[_Result]:
        """Call a function for all values concurrently; return the results in the order of the values."""
        return self.pool.map(function, values)

    def request(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str] | None = None,
        body: Any = None,
        media_type: str = JSON,
    ) -> Body:
        """Send a request, and retry after transient failures; raises ClusterError.

        `media_type` is that of the body, and of the answer where there is no body.
        """
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type" if content else "Accept": media_type}
        place = f"{method} {path}"
        # Whole, since httpx2 would take an address apart three times: as a path, joined, and with its parameters.
        address = (
            str(self.http.base_url).rstrip("/") + path + (f"?{urlencode(parameters)}" if parameters else "")
        )
        writes = method != "GET" and "dryRun" not in (parameters or {})
        timeout = self.http.timeout if self.patience is None else self.patience
        for attempt in range(1, self.retry.attempts + 1):
            last = attempt == self.retry.attempts
            wait = self.retry.seconds * 2 ** (attempt - 1)
            self.allow(writes=writes)
            self.traffic.sent()
            try:
                answer = self.http.request(method, address, content=content, headers=headers, timeout=timeout)
            except (httpx2.HTTPError, OSError) as error:
                self.traffic.failed(method, 0)
                if last:
                    message = f"{self.http.base_url}: {error or type(error).__name__}"
                    raise ClusterError(message, request=place) from error
            else:
                if answer.is_success:
                    return read_object(answer, place, secrets_in(body))
                failure = error_of(answer, place, secrets_in(body))
                failure.retried = attempt > 1
                self.traffic.failed(method, failure.status)
                if last or failure.status not in _PASSING:
                    raise failure
                wait = max(wait, min(_seconds(answer.headers.get("Retry-After")), _LONGEST_WAIT))
            self.wait(wait)
        raise ClusterError(f"{self.http.base_url}: no request was sent", request=place)


def _seconds(value: str | None) -> float:
    return float(value) if value and value.isdigit() else 0.0
