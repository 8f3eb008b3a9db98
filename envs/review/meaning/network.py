"""Connections that a change makes possible or impossible."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from envs.review.causes.causes import Causes
from envs.review.causes.paths import app_in, paths_of
from envs.review.changes import ObjectAction, ObjectChange, Preview, apps_that_go
from envs.review.connections import ANYBODY, Connection, Known, Openers, reach
from envs.review.meaning.statement import Effect, Statement
from envs.review.outsiders import is_address
from kube.yaml.paths import Path
from policies.network.port_set import NO_PORT

_DECIDING = frozenset({"NetworkPolicy", "Namespace"})
_OF_PODS = ("ports", "labels", "account")
_FIELDS = ("labels", "ports", "hostNetwork", "template.metadata")


def connection_changes(preview: Preview, causes: Causes) -> Iterator[Statement]:
    """Compare who may talk to whom; an environment whose policies and pods stay costs nothing."""
    if not any(map(_may_matter, preview.changes)):
        return
    known: Known = {}
    there, here = (reach(each.values(), preview.name, known) for each in (preview.before, preview.now))
    spaces = _changed_namespaces(preview)
    before, now = there.connections(spaces), here.connections(spaces)
    cause = _Causes(preview, causes, [each.openers(_changed_policies(preview)) for each in (there, here)])
    gone = apps_that_go(preview)
    for key in sorted({*before, *now}):
        if _is_told_with_its_app(key, gone, preview.apps):
            continue
        was, becomes = before.get(key, NO_PORT), now.get(key, NO_PORT)
        effect = (
            Effect.EXPOSES
            if any(end == ANYBODY or is_address(end) for end in (key.source, key.target))
            else Effect.CONNECTS
        )
        who = f"{key.source} → {key.target}"
        if opened := becomes - was:
            text = f"is possible on {opened}"
            yield Statement(effect, who, text, preview.name, cause.of(key))
        if closed := was - becomes:
            text = f"is no longer possible on {closed}"
            yield Statement(Effect.DISCONNECTS, who, text, preview.name, cause.of(key))


def _is_told_with_its_app(key: Connection, gone: Collection[str], apps: Collection[str]) -> bool:
    """Whether an app that goes had it with nobody but outsiders, itself, or others that go."""
    ends = {end.partition("/")[0] for end in (key.source, key.target)}
    return not ends.isdisjoint(gone) and ends.isdisjoint(apps)


@dataclass(frozen=True, slots=True)
class _Causes:
    """What opens or closes connections: flows, else the ports and labels of the workloads, else the cluster."""

    preview: Preview
    causes: Causes
    openers: Sequence[Openers]
    """Changed NetworkPolicies by the connections that they are for, before and now."""

    def of(self, key: Connection) -> tuple[str, ...]:
        policies = {policy for opened in self.openers for policy in opened.get(key, ())}
        paths = [self._path(*policy) for policy in sorted(policies)]
        flows = dict.fromkeys(origin for path in paths for origin in self.causes.of(path))
        return tuple(flows) or self._of_ends(key) or self.causes.of(("cluster",)) or self.causes.of_code()

    def _path(self, namespace: str, name: str) -> Path:
        app = app_in(namespace, self.preview.name, self.causes)
        return paths_of("NetworkPolicy", app, name, self.causes)[0]

    def _of_ends(self, key: Connection) -> tuple[str, ...]:
        """Find changed ports and labels of the two workloads, a workload that comes or goes, or the isolation."""
        found: list[str] = []
        for end in (key.source, key.target):
            app, _, name = end.partition("/")
            workload = ("apps", app, "workloads", name)
            found += self.causes.of(*((*workload, field) for field in _OF_PODS), ("apps", app, "isolation"))
        return tuple(dict.fromkeys(found))


def _changed_namespaces(preview: Preview) -> set[str] | None:
    """List the namespaces in which something changes; None for all, where a Namespace itself does.

    Connections between two others are what they were: policies and pods there are the same.
    """
    found = set()
    for change in preview.changes:
        kind, _, rest = change.object.partition("/")
        if kind == "Namespace":
            return None
        found.add(rest.rpartition("/")[0])
    return found


def _changed_policies(preview: Preview) -> set[str]:
    """List the changed NetworkPolicies of both sides as namespace/name."""
    names = (name for change in preview.changes for name in (change.object, change.former))
    return {name.partition("/")[2] for name in names if name.startswith("NetworkPolicy/")}


def _may_matter(change: ObjectChange) -> bool:
    kind = change.object.partition("/")[0]
    if kind in _DECIDING or change.action is not ObjectAction.UPDATE:
        return True
    return any(word in field.change.path for field in change.fields for word in _FIELDS)
