"""The inventory of what an application has applied, and its encoding in ConfigMaps.

The codec turns an inventory into compressed bytes, split into shards that fit into one ConfigMap each.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gitops.objects import Key

FORMAT = 1
SHARD = 700_000  # bytes before base64, which adds a third: below the 1 MiB of a ConfigMap
_LARGEST = 256 * 2**20  # of an unpacked inventory


@dataclass(frozen=True)
class Record:
    """One object as the job last saw it."""

    api_version: str
    plural: str
    namespaced: bool
    wave: int = 0
    uid: str = ""  # empty: not yet applied
    desired: str = ""  # digest of the wanted object; empty: examine it again in the next run
    seen: str = ""  # digest of the live object's essence
    version: str = ""  # resourceVersion


@dataclass(frozen=True)
class Inventory:
    """All records of an application, and what the next run compares."""

    application: str
    records: Mapping[Key, Record] = field(default_factory=dict)
    commit: str = ""  # the last commit whose tree was compared
    tree: str = ""  # Git tree id of the path; empty: the last run was incomplete
    settings: str = ""  # digest of the settings that concern the application
    prune: bool = True  # what happens when the application leaves the settings


def announced(inventory: Inventory, wanted: Mapping[Key, Record]) -> Inventory:
    """Add what will be applied, to be saved before the first apply."""
    fresh = {key: record for key, record in wanted.items() if key not in inventory.records}
    return replace(inventory, records={**inventory.records, **fresh}, tree="")


def stale(inventory: Inventory, wanted: Iterable[Key]) -> dict[Key, Record]:
    """Return the records of objects that are no longer wanted."""
    kept = set(wanted)
    return {key: record for key, record in inventory.records.items() if key not in kept}


def pack(inventory: Inventory) -> list[bytes]:
    """Write an inventory as one or more shards."""
    head = {name: value for name, value in vars(inventory).items() if name != "records"}
    rows = [
        [key.group, key.kind, key.namespace, key.name, *vars(record).values()]
        for key, record in sorted(inventory.records.items())
    ]
    text = json.dumps({"format": FORMAT, **head, "records": rows}, separators=(",", ":"))
    packed = zlib.compress(text.encode(), 6)
    return [packed[at : at + SHARD] for at in range(0, len(packed), SHARD)]


def unpack(shards: Sequence[bytes]) -> Inventory:
    """Read an inventory; raises ValueError when it is damaged or of another format."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(b"".join(shards), _LARGEST)
        value: dict[str, Any] = json.loads(text)
        rows = value.pop("records")
        found = value.pop("format")
        inventory = Inventory(**value, records={Key(*row[:4]): Record(*row[4:]) for row in rows})
    except (zlib.error, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the inventory cannot be read: {error}") from error
    if found != FORMAT:
        raise ValueError(f"the inventory is of format {found}, and this job knows {FORMAT}")
    return inventory
