"""The objects of the last fetched commit of each application, kept in ConfigMaps for the time when Git is away.

A quiet run neither reads nor writes them: their label is not that of the other records.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gitops.cluster.api import Connection, Resource
from gitops.objects import Body, DesiredObject, labels_of
from gitops.objects import key_of as identity_of
from kube.labels import PREFIX
from kube.yaml.origin import Origin

CONFIG_MAPS = Resource("v1", "configmaps", namespaced=True)
LABEL = f"{PREFIX}/gitops-source"  # its value is the application
SHARD = 700_000  # bytes before base64, which adds a third: below the 1 MiB of a ConfigMap
_LARGEST = 256 * 2**20  # of an unpacked snapshot


@dataclass(frozen=True)
class Snapshot:
    """What the source of an application said at a commit."""

    commit: str
    tree: str
    source: str  # digest of the settings of the source
    follows: str  # commit of the inventory when it was fetched
    wanted: tuple[DesiredObject, ...]

    @property
    def marks(self) -> dict[str, str]:
        """Return what tells one snapshot from another."""
        return {"commit": self.commit, "tree": self.tree, "source": self.source, "follows": self.follows}


@dataclass(frozen=True)
class Snapshots:
    """The snapshots in one namespace."""

    cluster: Connection
    namespace: str

    def save(self, application: str, snapshot: Snapshot) -> None:
        """Write a snapshot unless it is there: shards under new names first, the head last; then delete old shards.

        Raises ClusterError.
        """
        head = self._get(application)
        marks = {name: value for name, value in snapshot.marks.items() if name != "follows"}
        if head is not None and marks.items() <= (head.get("data") or {}).items():
            return
        packed = _pack(snapshot.wanted)
        stamp = hashlib.sha256(packed).hexdigest()
        shards = [packed[at : at + SHARD] for at in range(0, len(packed), SHARD)]
        names = [f"source-{application}-{stamp[:10]}-{number}" for number in range(1, len(shards))]
        for name, shard in zip(names, shards[1:], strict=True):
            self._apply(application, name, {}, shard)
        data = snapshot.marks | {"digest": stamp, "shards": " ".join(names)}
        self._apply(application, f"source-{application}", data, shards[0])
        before = str(((head or {}).get("data") or {}).get("shards", "")).split()
        self._delete(sorted(set(before) - set(names)))

    def load(self, application: str) -> Snapshot | None:
        """Read a snapshot; None where there is none that can be used. Raises ClusterError."""
        head = self._get(application)
        if head is None:
            return None
        try:
            data = head["data"]
            names = [f"source-{application}", *data["shards"].split()]
            bodies = [head, *(self._named(name) for name in names[1:])]
            packed = b"".join(base64.b64decode((body or {})["binaryData"]["objects"]) for body in bodies)
            if hashlib.sha256(packed).hexdigest() != data["digest"]:
                return None
            return Snapshot(
                data["commit"], data["tree"], data["source"], data["follows"], tuple(_unpack(packed))
            )
        except (KeyError, TypeError, ValueError, zlib.error):
            return None

    def remove(self, application: str) -> None:
        """Delete what is kept of an application; raises ClusterError."""
        head = self._get(application)
        if head is not None:
            shards = str((head.get("data") or {}).get("shards", "")).split()
            self._delete([f"source-{application}", *shards])

    def _get(self, application: str) -> Body | None:
        found = self._named(f"source-{application}")
        return found if found is None or labels_of(found).get(LABEL) == application else None

    def _named(self, name: str) -> Body | None:
        return self.cluster.get(CONFIG_MAPS, self.namespace, name)

    def _apply(self, application: str, name: str, data: dict[str, str], binary: bytes) -> None:
        labels = {LABEL: application}
        metadata: Body = {"name": name, "namespace": self.namespace, "labels": labels}
        body: Body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        encoded = {"objects": base64.b64encode(binary).decode()}
        self.cluster.apply(CONFIG_MAPS, body | {"binaryData": encoded})

    def _delete(self, names: Iterable[str]) -> None:
        for name in names:
            self.cluster.delete(CONFIG_MAPS, self.namespace, name, "")


def _pack(wanted: Sequence[DesiredObject]) -> bytes:
    rows = [[each.origin.file, each.origin.line, each.origin.column, each.body] for each in wanted]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 6)


def _unpack(packed: bytes) -> list[DesiredObject]:
    text = zlib.decompressobj().decompress(packed, _LARGEST)
    rows: list[list[Any]] = json.loads(text)
    return [DesiredObject(identity_of(row[3]), row[3], Origin(*row[:3])) for row in rows]
