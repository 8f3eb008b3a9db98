"""The Lease that keeps two runs from writing at once: taken, renewed by a thread while a run works, and released.

The times are those of client-go's leader election (k8s.io/client-go/tools/leaderelection): a run that could not
renew its Lease stops writing before another run may take it.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from gitops.cluster.api import Connection, Resource
from gitops.errors import ClusterError, LeaseLostError, RefusedError
from gitops.objects import Body, annotations_of
from gitops.settings import Retry
from kube.labels import PREFIX

LEASES = Resource("coordination.k8s.io/v1", "leases", namespaced=True)
LEASE = "gitops"
DURATION = 15  # seconds after which the Lease of a killed run has expired
_RENEWAL = 3.0  # seconds between two renewals, and until an unanswered one is given up
_DEADLINE = 10.0  # seconds without a renewal after which a run stops writing
_TREES = f"{PREFIX}/trees"  # annotations of the Lease
_SUCCESSES = f"{PREFIX}/successes"
_CONFLICT = 409
_MICROSECONDS = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass
class Lease:
    """The Lease of one namespace, as this process sees it."""

    cluster: Connection
    namespace: str
    holder: str
    clock: Callable[[], datetime]
    name: str = LEASE
    unreleased: str = field(default="", init=False)  # why it could not be released
    _renewed: float = field(default=0.0, init=False)  # monotonic time of the last renewal
    _lost: str = field(default="", init=False)

    @contextmanager
    def hold(self, trees: Mapping[str, str], successes: Mapping[str, str]) -> Iterator[None]:
        """Hold the Lease and renew it in the background; raises RefusedError when another run holds it.

        `trees` is recorded at the end, so that a commit elsewhere in a repository is fetched only once, and so is
        when each application was synced without a fault, `successes`.
        """
        self._take()
        ended = threading.Event()
        renewal = threading.Thread(target=self._keep, args=(ended,), name="lease", daemon=True)
        renewal.start()
        try:
            yield
        finally:
            ended.set()
            renewal.join()
            self._release(trees, successes)

    def check(self) -> None:
        """Raise LeaseLostError when the Lease is not held any more, or may soon be another's."""
        if not self._lost and time.monotonic() - self._renewed > _DEADLINE:
            self._lost = f"it could not be renewed for {_DEADLINE:.0f} s"
        if self._lost:
            raise LeaseLostError(f"the Lease {self.namespace}/{self.name} was lost: {self._lost}")

    def touch(self, body: Body | None, trees: Mapping[str, str], successes: Mapping[str, str]) -> None:
        """Renew the Lease without a holder, as a sign of life; the Lease of another run is left as it is.

        `body` is the Lease as this run has read it; the server refuses to replace it once another run has written it.
        """
        if body is not None and _holder(body, self.clock()):
            return
        with suppress(RefusedError):
            self._write(body, "", trees, successes)

    def _take(self) -> None:
        body = self._read()
        if body is not None and (other := _holder(body, self.clock())) not in {"", self.holder}:
            raise RefusedError(f"another run, {other}, holds the Lease; this run changes nothing")
        asked = time.monotonic()
        self._write(body, self.holder, trees_of(body), successes_of(body))
        self._renewed = asked

    def _keep(self, ended: threading.Event) -> None:
        """Renew until the end, or until somebody else has taken the Lease; a failure is tried again."""
        while not self._lost and not ended.wait(_RENEWAL):
            with suppress(ClusterError):
                self._renew()

    def _renew(self) -> None:
        asked = time.monotonic()
        body = self._read()
        found = str(((body or {}).get("spec") or {}).get("holderIdentity", ""))
        if body is None or found != self.holder:
            self._lost = f"it is held by {found}" if found else "it is gone"
            return
        # A conflict is a renewal of our own whose answer was lost, or another run: the next round tells.
        with suppress(RefusedError):
            self._write(body, self.holder, trees_of(body), successes_of(body))
            self._renewed = asked

    def _release(self, trees: Mapping[str, str], successes: Mapping[str, str]) -> None:
        """Free the Lease if it is ours; where that fails, it expires by itself."""
        try:
            body = self._read()
            if body is not None and (body.get("spec") or {}).get("holderIdentity") == self.holder:
                self._write(body, "", trees, successes)
        except (ClusterError, RefusedError) as error:
            self.unreleased = str(error)

    @property
    def _quick(self) -> Connection:
        """Requests that are given up soon, since the next renewal is better than a late one."""
        return replace(self.cluster, retry=Retry(attempts=2, seconds=0.2), patience=_RENEWAL)

    def _read(self) -> Body | None:
        return self._quick.get(LEASES, self.namespace, self.name)

    def _write(
        self, body: Body | None, holder: str, trees: Mapping[str, str], successes: Mapping[str, str]
    ) -> None:
        at = self.clock().strftime(_MICROSECONDS)
        spec: Body = {"holderIdentity": holder, "leaseDurationSeconds": DURATION, "renewTime": at}
        notes = {_TREES: trees, _SUCCESSES: successes}
        note = {name: json.dumps(dict(values), sort_keys=True) for name, values in notes.items()}
        kind: Body = {"apiVersion": LEASES.api_version, "kind": "Lease"}
        try:
            if body is None:
                metadata: Body = {"name": self.name, "namespace": self.namespace, "annotations": note}
                self._quick.create(LEASES, kind | {"metadata": metadata, "spec": spec})
            else:
                metadata = body["metadata"] | {"annotations": annotations_of(body) | note}
                self._quick.replace(LEASES, body | {"metadata": metadata, "spec": spec})
        except ClusterError as error:
            if error.status != _CONFLICT:
                raise
            raise RefusedError(
                "another run took the Lease at the same time; this run changes nothing"
            ) from error


def this_process() -> str:
    """Name this process as the holder of a Lease."""
    return f"{socket.gethostname()}-{os.getpid()}"


def trees_of(lease: Body | None) -> dict[str, str]:
    """Read the trees recorded on the Lease; an invalid record only costs a fetch."""
    return _texts(lease, _TREES)


def successes_of(lease: Body | None) -> dict[str, str]:
    """Read when each application was last synced without a fault, RFC 3339."""
    return _texts(lease, _SUCCESSES)


def _texts(lease: Body | None, annotation: str) -> dict[str, str]:
    try:
        note = json.loads(annotations_of(lease or {}).get(annotation, "{}"))
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in note.items()} if isinstance(note, dict) else {}


def _holder(lease: Body, now: datetime) -> str:
    """Return the holder of a Lease; empty when it has expired or its time cannot be read."""
    spec = lease.get("spec") or {}
    try:
        renewed = now.strptime(str(spec.get("renewTime")), _MICROSECONDS).replace(tzinfo=now.tzinfo)
    except ValueError:
        return ""
    expired = (now - renewed).total_seconds() >= (spec.get("leaseDurationSeconds") or 0)
    return "" if expired else str(spec.get("holderIdentity") or "")
