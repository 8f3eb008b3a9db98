"""The job's own records in its namespace: ConfigMaps of inventories and statuses, and Events.

Typed values in, ConfigMaps and Events out, and back.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from gitops.cluster import inventory
from gitops.cluster.api import Connection, Resource
from gitops.cluster.finding import Finding
from gitops.cluster.inventory import Inventory
from gitops.cluster.lease import LEASE, LEASES, successes_of, trees_of
from gitops.cluster.snapshots import Snapshots
from gitops.errors import ClusterError
from gitops.objects import Body
from kube.labels import PREFIX
from kube.moments import moment

CONFIG_MAPS = Resource("v1", "configmaps", namespaced=True)
EVENTS = Resource("v1", "events", namespaced=True)
CRON_JOBS = Resource("batch/v1", "cronjobs", namespaced=True)
CRON_JOB = "gitops"  # the job itself, as it is rendered
ROLE_LABEL = f"{PREFIX}/gitops"  # inventory, shard or status
_LEFT = timedelta(hours=1)  # of a shard in no inventory; no run takes as long between the two
_FORBIDDEN, _CONFLICT = 403, 409
_LONGEST = 1000  # characters of the message of an Event; the API server takes 1024


@dataclass
class Memory:
    """All records of a job, as read from its namespace."""

    inventories: dict[str, Inventory] = field(default_factory=dict)
    statuses: dict[str, dict[str, str]] = field(default_factory=dict)
    shards: dict[str, set[str]] = field(default_factory=dict)  # names of ConfigMaps by application
    versions: dict[str, str] = field(default_factory=dict)  # resourceVersions of the heads of inventories
    loose: dict[str, datetime] = field(
        default_factory=dict
    )  # shards in no inventory, and when they were made
    damaged: dict[str, str] = field(default_factory=dict)  # why an inventory cannot be used
    trees: dict[str, str] = field(default_factory=dict)  # commit and tree last compared, by application
    successes: dict[str, str] = field(default_factory=dict)  # when an application was last synced, RFC 3339
    lease: Body | None = None  # as it was read


@dataclass(frozen=True)
class Store:
    """The records in one namespace."""

    cluster: Connection
    namespace: str
    notes: list[str] = field(default_factory=list, compare=False)

    def recall(self) -> Memory:
        """Read everything with two requests side by side; raises ClusterError."""
        asked = self.cluster.pool.submit(self.cluster.get, LEASES, self.namespace, LEASE)
        bodies = self.cluster.objects(CONFIG_MAPS, "ConfigMap", self.namespace, ROLE_LABEL)
        by_name = {body["metadata"]["name"]: body for body in bodies}
        lease = asked.result()
        memory = Memory(trees=trees_of(lease), successes=successes_of(lease), lease=lease)
        for name, body in by_name.items():
            role, _, application = name.partition("-")
            data = body.get("data") or {}
            if body["metadata"]["labels"][ROLE_LABEL] == "status":
                memory.statuses[application] = data
            elif role == "inventory":
                memory.shards[application] = set(data.get("shards", "").split())
                memory.versions[application] = body["metadata"]["resourceVersion"]
                _recall_inventory(memory, application, body, by_name)
        memory.loose = _loose(memory, by_name)
        return memory

    def save(self, memory: Memory, value: Inventory) -> None:
        """Write an inventory: further shards under new names first, the head last, then delete old shards.

        Raises ClusterError when another run has written it since this one has read it.
        """
        shards = inventory.pack(value)
        stamp = hashlib.sha256(b"".join(shards)).hexdigest()[:10]
        names = [f"shard-{value.application}-{stamp}-{number}" for number in range(1, len(shards))]
        for name, shard in zip(names, shards[1:], strict=True):
            self._apply(name, "shard", {}, shard)
        version = self._swap(memory, value.application, {"shards": " ".join(names)}, shards[0])
        memory.versions[value.application] = version
        for name in memory.shards.get(value.application, set()) - set(names):
            self.cluster.delete(CONFIG_MAPS, self.namespace, name, "")
        memory.shards[value.application] = set(names)
        memory.inventories[value.application] = value

    def remove(self, memory: Memory, application: str) -> None:
        """Delete the records of an application that is gone; raises ClusterError like `save`."""
        version = memory.versions.pop(application, "")
        self.cluster.delete(CONFIG_MAPS, self.namespace, f"inventory-{application}", "", version)
        Snapshots(self.cluster, self.namespace).remove(application)
        for name in (f"status-{application}", *memory.shards.pop(application, ())):
            self.cluster.delete(CONFIG_MAPS, self.namespace, name, "")
        memory.inventories.pop(application, None)

    def collect(self, memory: Memory, now: datetime) -> None:
        """Delete the shards that killed runs have left behind, in no inventory."""
        for name, made in memory.loose.items():
            if now - made > _LEFT:
                self.cluster.delete(CONFIG_MAPS, self.namespace, name, "")

    def save_status(self, application: str, status: dict[str, str]) -> None:
        """Write the status of an application."""
        self._apply(f"status-{application}", "status", status)

    def _swap(self, memory: Memory, application: str, data: dict[str, str], binary: bytes) -> str:
        """Write the head of an inventory only if it is as it was read; return its new resourceVersion."""
        body = self._config_map(f"inventory-{application}", "inventory", data, binary)
        metadata = body["metadata"]
        try:
            if version := memory.versions.get(application):
                read = metadata | {"resourceVersion": version}
                written = self.cluster.apply(CONFIG_MAPS, body | {"metadata": read})
            else:
                written = self.cluster.create(CONFIG_MAPS, body)
        except ClusterError as error:
            found = self.cluster.get(CONFIG_MAPS, self.namespace, metadata["name"])
            if error.status != _CONFLICT or found is None or not _same(found, body):
                raise _explained(error, metadata["name"]) from error
            written = found  # by an earlier attempt, whose answer was lost
        return str(written["metadata"]["resourceVersion"])

    def _apply(self, name: str, role: str, data: dict[str, str], binary: bytes = b"") -> None:
        self.cluster.apply(CONFIG_MAPS, self._config_map(name, role, data, binary))

    def _config_map(self, name: str, role: str, data: dict[str, str], binary: bytes) -> Body:
        metadata: Body = {"name": name, "namespace": self.namespace, "labels": {ROLE_LABEL: role}}
        body: Body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        if binary:
            body["binaryData"] = {"inventory": base64.b64encode(binary).decode()}
        return body

    def event(self, application: str, *, reason: str, message: str, now: datetime, warning: bool) -> None:
        """Create an Event about an application, for `kubectl describe cronjob` and event collectors."""
        about = self._cron_job or self._status_of(application)
        said = {"reason": reason, "message": f"{application}: {message}"}
        self._event(about, said | {"type": "Warning" if warning else "Normal"}, now)

    def object_event(self, finding: Finding, now: datetime) -> None:
        """Create an Event about an object that exists, beside it, for `kubectl describe` of the object."""
        key = finding.key
        about = {"apiVersion": finding.api_version, "kind": key.kind, "name": key.name, "uid": finding.uid}
        said = {"reason": finding.reason, "message": finding.message, "type": "Warning"}
        self._event(about | {"namespace": key.namespace}, said, now)

    @cached_property
    def _cron_job(self) -> Body | None:
        """Refer to the CronJob of this namespace; None where a person runs the job without one."""
        try:
            return _reference(self.cluster.get(CRON_JOBS, self.namespace, CRON_JOB))
        except ClusterError as error:
            if error.status != _FORBIDDEN:
                raise
            self.note(f"Events are not about the CronJob, which describe would show: {error}")
            return None

    def note(self, text: str) -> None:
        """Keep what could not be written and stops nothing, once."""
        if text not in self.notes:
            self.notes.append(text)

    def _status_of(self, application: str) -> Body:
        name = f"status-{application}"
        found = _reference(self.cluster.get(CONFIG_MAPS, self.namespace, name))
        return found or {"apiVersion": "v1", "kind": "ConfigMap", "namespace": self.namespace, "name": name}

    def _event(self, about: Body, said: Body, now: datetime) -> None:
        at = moment(now)
        name = f"{about['name'][:200].rstrip('-.')}.{secrets.token_hex(8)}"
        body: Body = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": about["namespace"]},
            "involvedObject": about,
            **said,
            "message": said["message"][:_LONGEST],
            "source": {"component": "gitops"},
            "firstTimestamp": at,
            "lastTimestamp": at,
            "count": 1,
        }
        self.cluster.create(EVENTS, body)


def _reference(body: Body | None) -> Body | None:
    """Refer to an object with its uid, without which `kubectl describe` does not find its Events."""
    if body is None:
        return None
    metadata = body["metadata"]
    names = {name: metadata[name] for name in ("name", "namespace", "uid")}
    return {"apiVersion": body["apiVersion"], "kind": body["kind"], **names}


def _same(found: Body, wanted: Body) -> bool:
    return all(found.get(part) == wanted.get(part) for part in ("data", "binaryData"))


def _explained(error: ClusterError, name: str) -> ClusterError:
    if error.status != _CONFLICT:
        return error
    text = f"ConfigMap {name} was written by another run since this one has read it; the next run goes on"
    return ClusterError(text, error.status, error.reason)


def _loose(memory: Memory, by_name: Mapping[str, Body]) -> dict[str, datetime]:
    """Find the shards that no head names."""
    named = {name for shards in memory.shards.values() for name in shards}
    return {
        name: datetime.fromisoformat(body["metadata"]["creationTimestamp"])
        for name, body in by_name.items()
        if body["metadata"]["labels"][ROLE_LABEL] == "shard" and name not in named
    }


def _recall_inventory(memory: Memory, application: str, head: Body, by_name: dict[str, Body]) -> None:
    """Join the shards of an inventory; a damaged one must stop its application, not prune it."""
    names = [head["metadata"]["name"], *(head.get("data") or {}).get("shards", "").split()]
    try:
        shards = [base64.b64decode(by_name[name]["binaryData"]["inventory"]) for name in names]
        memory.inventories[application] = inventory.unpack(shards)
    except (KeyError, ValueError) as error:
        memory.damaged[application] = str(error)


def history(previous: dict[str, str], row: dict[str, Any], length: int = 10) -> str:
    """Put a run before the history of a status, one JSON line each, unless it did nothing and is like the last."""
    rows = previous.get("history", "").splitlines()
    if not (rows and set(row["counts"]) <= {"unchanged"} and _same_row(rows[0], row)):
        rows = [json.dumps(row, ensure_ascii=False), *rows]
    return "\n".join(rows[:length])


def _same_row(line: str, row: Mapping[str, Any]) -> bool:
    try:
        found = json.loads(line)
    except ValueError:
        return False
    return all(found.get(name) == value for name, value in row.items() if name not in {"finished", "seconds"})
