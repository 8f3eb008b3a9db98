"""Permissions that a team or an account gains or loses by a change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from envs.review.causes.causes import Causes
from envs.review.causes.paths import app_in
from envs.review.changes import Preview, apps_that_go
from envs.review.meaning.statement import Effect, Statement
from envs.review.naming import app_of, listed
from envs.review.permissions import Permission, permissions

_SHOWN = 6  # resources
_JOB = "gitops"
_READING = frozenset({"get", "list", "watch"})
_KINDS = frozenset({"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"})


def permission_changes(preview: Preview, causes: Causes) -> Iterator[Statement]:
    """Compare who may do what; an environment whose roles and bindings stay costs nothing."""
    if not any(change.object.partition("/")[0] in _KINDS for change in preview.changes):
        return
    before = permissions(preview.before.values(), preview.name)
    now = permissions(preview.now.values(), preview.name)
    yield from _told(preview.name, causes, Effect.GRANTS, now - before)
    gone = apps_that_go(preview)  # what was permitted there is told with them
    lost = {each for each in before - now if app_in(each.namespace, preview.name, causes) not in gone}
    yield from _told(preview.name, causes, Effect.REVOKES, lost)


def _told(
    environment: str, causes: Causes, effect: Effect, changed: Iterable[Permission]
) -> Iterator[Statement]:
    words = "may now" if effect is Effect.GRANTS else "may no longer"
    for (who, actions), spaces in by_actions(changed, environment).items():
        where = f"in {', '.join(spaces)}" if any(spaces) else "in the whole cluster"
        apps = [app_in(space, environment, causes) for space in spaces if space]
        origins = _origins(who, apps, causes)
        yield Statement(effect, who, f"{words} {where}: {actions}", environment, origins)


def _origins(who: str, apps: Iterable[str], causes: Causes) -> tuple[str, ...]:
    """Find what gives somebody permissions or takes them: the groups of a team, its apps, an account."""
    _, _, name = who.partition(" ")
    if who.startswith("account "):
        app, _, account = name.partition("/")
        of_job = [("apps", pulled, field) for pulled in apps for field in ("delivery", "gitops", "source")]
        of_app = [("apps", app, "workloads", account, "account"), *(of_job if app == _JOB else [])]
        found = causes.of(*of_app, (_JOB,) if app == _JOB else of_app[0])
    else:
        found = causes.naming(("teams",), name) or causes.of(*(("apps", app, "team") for app in apps))
    written = (causes.naming(("apps", app, "manifests"), name.rpartition("/")[2]) for app in apps)
    return found or next(filter(None, written), ()) or causes.of_code()


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
