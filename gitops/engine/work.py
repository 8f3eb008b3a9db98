"""What one application is reconciled with, how far it has come, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gitops.cluster.api import Connection, Resource
from gitops.cluster.inventory import Inventory, Record
from gitops.engine.plan import Target
from gitops.objects import Body, Key
from gitops.report.outcome import TROUBLE, Action, Change


@dataclass(frozen=True)
class Work:
    """What stays the same while one application is reconciled."""

    cluster: Connection
    target: Target
    resources: Mapping[Key, Resource]
    dry: bool
    awaited: Mapping[Key, Resource] = field(default_factory=dict)  # kinds that are not served before the run


@dataclass(frozen=True)
class Mode:
    """How an application is reconciled."""

    announce: Callable[[Inventory], None]  # saves the inventory before the first write
    lifted: bool = False  # the guards are off for this commit
    advice: str = ""  # how to lift them
    dry: bool = False


@dataclass
class Progress:
    """What has happened so far."""

    changes: list[Change] = field(default_factory=list)
    bodies: dict[Key, Body | None] = field(default_factory=dict)  # live objects as last read; None: deleted
    records: dict[Key, Record] = field(default_factory=dict)
    blocked: str = ""  # why the rest was not touched

    @property
    def trouble(self) -> bool:
        """Tell whether an object was refused or failed."""
        return any(change.action in TROUBLE for change in self.changes)


@dataclass(frozen=True)
class Reconciled:
    """The result of reconciling an application."""

    changes: tuple[Change, ...]
    inventory: Inventory
    bodies: Mapping[Key, Body | None]
    wanted: frozenset[Key]
    blocked: str = ""
    dry: bool = False

    @property
    def complete(self) -> bool:
        """Tell whether the cluster is now equal to Git."""
        if self.dry and self.changes:
            return False
        unfinished = TROUBLE | {Action.WAITING, Action.DELETING, Action.HELD}
        return not self.blocked and not any(change.action in unfinished for change in self.changes)
