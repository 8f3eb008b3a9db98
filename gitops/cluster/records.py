"""The job's own records in its namespace: ConfigMaps of inventories and statuses, Events, and a Lease.

Typed values in, ConfigMaps, Events and a Lease out, and back.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gitops.cluster import inventory
from gitops.cluster.api import Connection, Resource
from gitops.cluster.inventory import Inventory
from gitops.errors import ClusterError, RefusedError
from gitops.objects import Body, annotations_of
from kube.labels import PREFIX

CONFIG_MAPS = Resource("v1", "configmaps", namespaced=True)
EVENTS = Resource("v1", "events", namespaced=True)
LEASES = Resource("coordination.k8s.io/v1", "leases", namespaced=True)
ROLE_LABEL = f"{PREFIX}/gitops"  # inventory, shard or status
LEASE = "gitops"
LEASE_SECONDS = 120  # after this, the lease of a killed run has expired
TREES = f"{PREFIX}/trees"  # annotation of the lease
_CONFLICT = 409
_MICROSECONDS = "%Y-%m-%dT%H:%M:%S.%fZ"
_SECONDS = "%Y-%m-%dT%H:%M:%SZ"


@dataclass
class Memory:
    """All records of a job, as read from its namespace."""

    inventories: dict[str, Inventory] = field(default_factory=dict)
    statuses: dict[str, dict[str, str]] = field(default_factory=dict)
    shards: dict[str, set[str]] = field(default_factory=dict)  # names of ConfigMaps by application
    damaged: dict[str, str] = field(default_factory=dict)  # why an inventory cannot be used
    trees: dict[str, str] = field(default_factory=dict)  # commit and tree last compared, by application


@dataclass(frozen=True)
class Store:
    """The records in one namespace."""

    cluster: Connection
    namespace: str

    def recall(self) -> Memory:
        """Read everything with two requests; raises ClusterError."""
        bodies = self.cluster.objects(CONFIG_MAPS, "ConfigMap", self.namespace, ROLE_LABEL)
        by_name = {body["metadata"]["name"]: body for body in bodies}
        memory = Memory(trees=_trees(self.cluster.get(LEASES, self.namespace, LEASE)))
        for name, body in by_name.items():
            role, _, application = name.partition("-")
            data = body.get("data") or {}
            if body["metadata"]["labels"][ROLE_LABEL] == "status":
                memory.statuses[application] = data
            elif role == "inventory":
                memory.shards[application] = set(data.get("shards", "").split())
                _recall_inventory(memory, application, body, by_name)
        return memory

    def save(self, memory: Memory, value: Inventory) -> None:
        """Write an inventory: further shards under new names first, the head last, then delete old shards."""
        shards = inventory.pack(value)
        stamp = hashlib.sha256(b"".join(shards)).hexdigest()[:10]
        names = [f"shard-{value.application}-{stamp}-{number}" for number in range(1, len(shards))]
        for name, shard in zip(names, shards[1:], strict=True):
            self._apply(name, "shard", {}, shard)
        self._apply(f"inventory-{value.application}", "inventory", {"shards": " ".join(names)}, shards[0])
        for name in memory.shards.get(value.application, set()) - set(names):
            self.cluster.delete(CONFIG_MAPS, self.namespace, name, "")
        memory.shards[value.application] = set(names)
        memory.inventories[value.application] = value

    def remove(self, memory: Memory, application: str) -> None:
        """Delete the records of an application that is gone."""
        names = [f"inventory-{application}", f"status-{application}", *memory.shards.pop(application, ())]
        for name in names:
            self.cluster.delete(CONFIG_MAPS, self.namespace, name, "")
        memory.inventories.pop(application, None)

    def save_status(self, application: str, status: dict[str, str]) -> None:
        """Write the status of an application."""
        self._apply(f"status-{application}", "status", status)

    def _apply(self, name: str, role: str, data: dict[str, str], binary: bytes = b"") -> None:
        metadata: Body = {"name": name, "namespace": self.namespace, "labels": {ROLE_LABEL: role}}
        body: Body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        if binary:
            body["binaryData"] = {"inventory": base64.b64encode(binary).decode()}
        self.cluster.apply(CONFIG_MAPS, body)

    def event(self, application: str, *, reason: str, message: str, now: datetime, warning: bool) -> None:
        """Create an Event about an application, for `kubectl describe` and event collectors."""
        about = {"apiVersion": "v1", "kind": "ConfigMap", "namespace": self.namespace}
        at = now.strftime(_SECONDS)
        body: Body = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{application}.{secrets.token_hex(8)}", "namespace": self.namespace},
            "involvedObject": about | {"name": f"status-{application}"},
            "reason": reason,
            "message": message[:1000],
            "type": "Warning" if warning else "Normal",
            "source": {"component": "gitops"},
            "firstTimestamp": at,
            "lastTimestamp": at,
            "count": 1,
        }
        self.cluster.create(EVENTS, body)

    def lease(self, holder: str, now: datetime, *, hold: bool, trees: dict[str, str]) -> None:
        """Take the lease for a run that writes, or renew it without a holder as a sign of life.

        It also records the tree of each commit, so that a commit elsewhere in a repository is fetched only once.
        Raises RefusedError when another run holds it.
        """
        body = self.cluster.get(LEASES, self.namespace, LEASE)
        if body is not None and (other := _holder(body, now)) not in {"", holder}:
            raise RefusedError(f"another run, {other}, holds the lease; this run changes nothing")
        at = now.strftime(_MICROSECONDS)
        who = holder if hold else ""
        spec: Body = {"holderIdentity": who, "leaseDurationSeconds": LEASE_SECONDS, "renewTime": at}
        note = {TREES: json.dumps(trees, sort_keys=True)}
        try:
            if body is None:
                metadata: Body = {"name": LEASE, "namespace": self.namespace, "annotations": note}
                self.cluster.create(LEASES, {**_LEASE, "metadata": metadata, "spec": spec})
            else:
                metadata = body["metadata"] | {"annotations": note}
                self.cluster.replace(LEASES, body | {"metadata": metadata, "spec": spec})
        except ClusterError as error:
            if error.status != _CONFLICT:
                raise
            raise RefusedError(
                "another run took the lease at the same time; this run changes nothing"
            ) from error


_LEASE: dict[str, Any] = {"apiVersion": LEASES.api_version, "kind": "Lease"}


def _trees(lease: Body | None) -> dict[str, str]:
    """Read the trees recorded on the lease; an invalid record only costs a fetch."""
    try:
        note = json.loads(annotations_of(lease or {}).get(TREES, "{}"))
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in note.items()} if isinstance(note, dict) else {}


def _holder(lease: Body, now: datetime) -> str:
    """Return the holder of a lease; empty when it has expired."""
    spec = lease.get("spec") or {}
    renewed = spec.get("renewTime")
    if not spec.get("holderIdentity") or not renewed:
        return ""
    age = (now - now.strptime(renewed, _MICROSECONDS).replace(tzinfo=now.tzinfo)).total_seconds()
    return str(spec["holderIdentity"]) if age < spec.get("leaseDurationSeconds", 0) else ""


def _recall_inventory(memory: Memory, application: str, head: Body, by_name: dict[str, Body]) -> None:
    """Join the shards of an inventory; a damaged one must stop its application, not prune it."""
    names = [head["metadata"]["name"], *(head.get("data") or {}).get("shards", "").split()]
    try:
        shards = [base64.b64decode(by_name[name]["binaryData"]["inventory"]) for name in names]
        memory.inventories[application] = inventory.unpack(shards)
    except (KeyError, ValueError) as error:
        memory.damaged[application] = str(error)


def history(previous: dict[str, str], row: dict[str, Any], length: int = 10) -> str:
    """Append a run to the history of a status, one JSON line each, the latest first."""
    rows = [json.dumps(row, ensure_ascii=False), *previous.get("history", "").splitlines()]
    return "\n".join(rows[:length])
