"""Applies given manifests to a cluster, compares them, or deletes them again: the same engine without Git.

For `envs up`, `envs down` and `envs status`. The inventory is in the namespace `environments`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from gitops.cluster.api import Connection, Resource
from gitops.cluster.inventory import Inventory
from gitops.cluster.lease import LEASE, LEASES, Lease, this_process
from gitops.cluster.records import Memory, Store
from gitops.engine import placement
from gitops.engine.account import Scope, account
from gitops.engine.foreign import Known
from gitops.engine.managed_fields import other_writer
from gitops.engine.observe import Listed
from gitops.engine.plan import Target
from gitops.engine.reconcile import reconcile
from gitops.engine.retirement import retire
from gitops.engine.work import Mode
from gitops.errors import ClusterError, ManifestError, RefusedError
from gitops.objects import Body, Key, key_of, unplaced
from gitops.report.account import Account
from gitops.report.outcome import Outcome
from gitops.run import summary
from gitops.settings import Expected, Options

HOME = "environments"
_NAMESPACES = Resource("v1", "namespaces", namespaced=False)
_FORBIDDEN, _CONFLICT = 403, 409


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class LiveEnvironment:
    """An environment in a cluster; `uid` of the namespace kube-system is checked before anything else."""

    name: str
    cluster: Connection
    uid: str | None = None
    adopt: bool = False  # take over objects that exist and are not of this environment
    clock: Callable[[], datetime] = _now
    holder: str = field(default_factory=this_process)  # of the Lease, one per environment

    @property
    def owner(self) -> str:
        """Value of the label on objects applied this way."""
        return f"{self.name}.environment"

    def diff(self, bodies: Iterable[Body]) -> Outcome:
        """Return what `up` would do, with values; write nothing. Raises GitOpsError."""
        return self._reconcile(bodies, dry=True)

    def up(self, bodies: Iterable[Body]) -> Outcome:
        """Apply the objects, and delete those applied before that are not among them. Raises GitOpsError.

        Objects that another tool such as Pulumi manages are refused by name. It never waits: where a wave has to wait
        for an earlier one, call it again.
        """
        self._create_home()
        with self._alone() as mine:
            return mine._reconcile(bodies, dry=False)  # noqa: SLF001 this class's own

    def down(self, *, dry: bool = False) -> Outcome:
        """Delete everything that `up` has applied, in reverse order. Raises GitOpsError.

        Refused as a whole if another tool such as Pulumi now manages some of it. Namespaces take time to
        go: call it again while the outcome says `deleting`.
        """
        self.check()
        if dry or self.name not in self._recall()[1].inventories:
            return self._retire(dry=dry)
        with self._alone() as mine:
            return mine._retire(dry=False)  # noqa: SLF001 this class's own

    def _retire(self, *, dry: bool) -> Outcome:
        store, memory = self._recall()
        before = memory.inventories.get(self.name, Inventory(self.name))
        self._refuse_other_writers(before)
        mode = Mode(lambda _: None, lifted=True, dry=dry)
        target = Target(self.owner, "", Options())
        reconciled = retire(self.cluster, target, replace(before, prune=True), mode, everything=True)
        if not dry and reconciled.complete:
            store.remove(memory, self.name)
        elif not dry:
            store.save(memory, reconciled.inventory)
        return summary.of(self.name, "", reconciled)

    def applied(self) -> Mapping[str, int]:
        """Count the objects that `up` has applied to this cluster, by environment. Raises GitOpsError."""
        self.check()
        inventories = Store(self.cluster, HOME).recall().inventories
        return {name: len(inventory.records) for name, inventory in sorted(inventories.items())}

    def account(
        self,
        scope: Scope,
        wanted: Iterable[Body],
        expected: tuple[Expected, ...],
        listed: Listed | None = None,
    ) -> Account:
        """Find what is in some namespaces and neither in Git nor owned by something that is. Raises GitOpsError.

        `listed` are objects that were read before.
        """
        home = job_home(self.name)
        recorded = frozenset(
            key for namespace in (HOME, home) for key in _recorded(Store(self.cluster, namespace))
        )
        known = Known(frozenset(map(key_of, wanted)), recorded, expected, home)
        return account(self.cluster, scope, known, listed)

    def namespaces(self, selector: str) -> list[str]:
        """Name the namespaces with these labels. Raises GitOpsError."""
        self.check()
        return sorted(
            str(body["metadata"]["name"])
            for body in self.cluster.objects(_NAMESPACES, "Namespace", selector=selector)
        )

    def check(self) -> None:
        """Raise RefusedError unless the cluster has the expected uid."""
        if self.uid is not None and (found := self.cluster.uid()) != self.uid:
            raise RefusedError(
                f"the cluster has the uid {found}, but {self.name} is in {self.uid}; nothing was changed"
            )

    @contextmanager
    def _alone(self) -> Iterator[LiveEnvironment]:
        """Hold the Lease of this environment; raises RefusedError when somebody else is at it."""
        lease = Lease(self.cluster, HOME, self.holder, self.clock, self.name)

        def allow(*, writes: bool) -> None:
            if writes:
                lease.check()

        with lease.hold({}, {}):
            yield replace(self, cluster=replace(self.cluster, allow=allow))

    def _refuse_other_writers(self, before: Inventory) -> None:
        places = placement.recorded_places(self.cluster, before.records)
        found = placement.live_objects(self.cluster, places)
        theirs = {
            key: other_writer(found[key]) for key in places if key in found and other_writer(found[key])
        }
        if theirs:
            lines = [f"{key} is managed by {writer}" for key, writer in sorted(theirs.items())]
            raise RefusedError("\n".join([*lines, "an object has one writer; nothing was changed"]))

    def _recall(self) -> tuple[Store, Memory]:
        store = Store(self.cluster, HOME)
        memory = store.recall()
        if self.name in memory.damaged:
            raise RefusedError(f"{memory.damaged[self.name]}; restore ConfigMap {HOME}/inventory-{self.name}")
        return store, memory

    def _create_home(self) -> None:
        self.check()
        namespaces = self.cluster.resource("v1", "Namespace")
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}
        if namespaces is None or self.cluster.get(namespaces, "", HOME) is not None:
            return
        try:
            self.cluster.create(namespaces, body)
        except ClusterError as error:
            if error.status != _CONFLICT:
                raise

    def _reconcile(self, bodies: Iterable[Body], *, dry: bool) -> Outcome:
        self.check()
        store, memory = self._recall()
        before = memory.inventories.get(self.name, Inventory(self.name))
        options = Options(adopt="all" if self.adopt else "none")
        target = Target(self.owner, "default", options, adoption="use --adopt")
        mode = Mode(lambda value: store.save(memory, value), lifted=True, dry=dry)
        wanted = [unplaced(body) for body in bodies]
        reconciled = reconcile(self.cluster, target, wanted, before, mode)
        if not dry and reconciled.inventory != memory.inventories.get(self.name):
            store.save(memory, reconciled.inventory)
        return summary.of(self.name, "", reconciled)


def job_home(environment: str) -> str:
    """Name the namespace of an environment's job."""
    return f"gitops-{environment}"


def _recorded(store: Store) -> Iterator[Key]:
    """Name the objects in all inventories of a namespace, if the rights cover them."""
    try:
        inventories = store.recall().inventories.values()
    except ClusterError as error:
        if error.status != _FORBIDDEN:
            raise
        return
    yield from (key for inventory in inventories for key in inventory.records)


def last_run(cluster: Connection, environment: str) -> datetime | None:
    """Tell when an environment's job has last given a sign of life: the time of its Lease. Raises ClusterError."""
    lease = cluster.get(LEASES, job_home(environment), LEASE)
    try:
        return datetime.fromisoformat(str((lease or {}).get("spec", {}).get("renewTime")))
    except ValueError:
        return None


def live(cluster: Connection, bodies: Iterable[Body]) -> Mapping[Key, Body]:
    """Read the live objects of rendered ones, with read permissions only: one LIST per kind and namespace.

    Raises ManifestError for kinds that the cluster does not know.
    """
    placed = placement.place(cluster, [unplaced(body) for body in bodies], "default")
    if placed.faults:
        raise ManifestError(placed.faults)
    found = placement.live_objects(cluster, placed.resources)
    return {key: found[key] for key in placed.resources if key in found}


def statuses(cluster: Connection, environment: str) -> Mapping[str, Mapping[str, str]]:
    """Read the last status of each application of an environment's job."""
    return Store(cluster, job_home(environment)).recall().statuses
