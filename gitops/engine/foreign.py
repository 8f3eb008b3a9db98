"""Metadata of live objects in, those that nobody accounts for out: neither in Git nor owned by something that is.

Pure. Owners are those of https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gitops.cluster.records import ROLE_LABEL
from gitops.cluster.snapshots import LABEL as SNAPSHOT_LABEL
from gitops.engine import managed_fields
from gitops.globs import matches
from gitops.objects import Body, Key, key_of, labels_of, owner
from gitops.report.account import Foreign
from gitops.settings import Expected

# Kubernetes creates these in every namespace.
ALWAYS_THERE = frozenset({("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")})
_RECORDS = frozenset({ROLE_LABEL, SNAPSHOT_LABEL})  # labels of what the job writes for itself
_STATEFUL_SET = "apps/StatefulSet"
_CLAIM = "PersistentVolumeClaim"


@dataclass(frozen=True)
class Known:
    """What accounts for the objects in some namespaces."""

    wanted: frozenset[Key]
    """What is in Git."""
    recorded: frozenset[Key] = frozenset()
    """What is in an inventory."""
    expected: tuple[Expected, ...] = ()
    home: str = ""
    """The namespace of the job's own records."""
    read: frozenset[tuple[str, str]] = frozenset()
    """Kinds with their groups, and the namespaces in which they were read."""

    def has(self, body: Body) -> bool:
        """Tell whether an object needs no owner to be accounted for."""
        key = key_of(body)
        if key in self.wanted or key in self.recorded or (key.kind, key.name) in ALWAYS_THERE:
            return True
        record = key.namespace == self.home and not _RECORDS.isdisjoint(labels_of(body))
        return record or self._claimed(key) or any(_expects(rule, key) for rule in self.expected)

    def _claimed(self, key: Key) -> bool:
        """Tell whether a claim is of a StatefulSet in Git: <template>-<name>-<number>, without an owner reference.

        https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage
        """
        if key.kind != _CLAIM or not (found := re.fullmatch(r".+?-(.+)-\d+", key.name)):
            return False
        return any(
            (each.qualified_kind, each.namespace) == (_STATEFUL_SET, key.namespace)
            and f"-{found[1]}".endswith(f"-{each.name}")
            for each in self.wanted | self.recorded
        )


def foreign(bodies: Iterable[Body], known: Known) -> list[Foreign]:
    """List the objects that nobody accounts for; what such an object owns itself is not listed beside it."""
    reasons = ((key_of(body), _reason(body, known)) for body in bodies)
    return sorted((Foreign(key, reason) for key, reason in reasons if reason), key=lambda each: each.key)


def _reason(body: Body, known: Known) -> str:
    """Say why an object is foreign; empty if it is not.

    An owner of a kind that was read is in Git, or is listed instead, or is gone: the garbage collector then deletes
    this object, too.
    """
    if known.has(body):
        return ""
    owners = body["metadata"].get("ownerReferences") or []
    if not owners:
        return _made(body) + _labelled(body)
    namespace = str(body["metadata"].get("namespace") or "")
    if any((_qualified(each), namespace) in known.read for each in owners):
        return ""
    names = ", ".join(f"{each.get('kind')}/{each.get('name')}" for each in owners)
    return f"{_made(body)}; it is owned by {names}, which is not read"


def _expects(rule: Expected, key: Key) -> bool:
    return rule.kind == key.qualified_kind and matches(rule.name, key.name)


def _qualified(reference: Body) -> str:
    group = str(reference.get("apiVersion", "")).rpartition("/")[0]
    return f"{group}/{reference.get('kind')}".removeprefix("/")


def _made(body: Body) -> str:
    """Say who has made an object, and when."""
    entries = managed_fields.entries(body)
    first = min(entries, key=lambda entry: str(entry.get("time") or ""), default={})
    manager, at = str(first.get("manager") or "somebody"), body["metadata"].get("creationTimestamp")
    return f"was made by {manager}" + (f", {at}" if at else "")


def _labelled(body: Body) -> str:
    application = owner(body)
    return f"; it has the label of {application}, and is in no inventory" if application else ""
