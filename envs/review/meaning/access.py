"""Permissions that a team or an account gains or loses by a change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from envs.review.changes import Preview
from envs.review.meaning.statement import Effect, Statement
from envs.review.naming import app_of, listed
from envs.review.permissions import Permission, permissions

_SHOWN = 6  # resources
_READING = frozenset({"get", "list", "watch"})
_KINDS = frozenset({"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"})


def permission_changes(preview: Preview) -> Iterator[Statement]:
    """Compare who may do what; an environment whose roles and bindings stay costs nothing."""
    if not any(change.object.partition("/")[0] in _KINDS for change in preview.changes):
        return
    before = permissions(preview.before.values(), preview.name)
    now = permissions(preview.now.values(), preview.name)
    yield from _told(preview.name, Effect.GRANTS, "may now", now - before)
    yield from _told(preview.name, Effect.REVOKES, "may no longer", before - now)


def _told(environment: str, effect: Effect, words: str, changed: Iterable[Permission]) -> Iterator[Statement]:
    for (who, actions), namespaces in by_actions(changed, environment).items():
        where = f"in {', '.join(namespaces)}" if any(namespaces) else "in the whole cluster"
        yield Statement(effect, who, f"{words} {where}: {actions}", environment)


def by_actions(
    granted: Iterable[Permission], environment: str, most: int = _SHOWN
) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """List the apps by who may do what in them; what changes something first, `most` resources of each."""
    verbs: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for each in granted:
        verbs[each.who, each.namespace, each.target].add(each.verb)
    targets: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (who, namespace, target), allowed in sorted(verbs.items()):
        targets[who, namespace][", ".join(sorted(allowed))].append(target)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (who, namespace), sorted_targets in targets.items():
        ordered = sorted(sorted_targets.items(), key=lambda entry: set(entry[0].split(", ")) <= _READING)
        actions = "; ".join(f"{allowed} {listed(names, most)}" for allowed, names in ordered)
        found[who, actions].append(app_of(namespace, environment))
    return {key: tuple(apps) for key, apps in found.items()}
