"""What the job of an environment reads and never writes: what Pulumi pushes, and everything else in its namespaces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.errors import ComponentError
from components.job.settings import Kinds
from components.objects.manifest import Manifest, Scope
from components.objects.rendered import environment_folder
from envs.config.model.app import App
from envs.config.model.environment import Environment
from envs.config.model.gitops import GitOps
from kube.kinds import IN_NAMESPACES, group_kind, is_cluster_scoped

_REPORT = "environment"  # gitops/settings.py, WATCHED
_JOB = "gitops"  # what the job and its namespace are called


def watched_scopes(environment: Environment) -> Iterator[Scope]:
    """Yield the namespaces that belong to the environment; one that somebody else has made may hold anything."""
    if environment.gitops is not None and environment.pulled():
        yield Scope(environment, _JOB, App())
    yield from (
        Scope(environment, name, app) for name, app in environment.apps.items() if app.namespace.create
    )


def watched_kinds(manifests: Iterable[Manifest], kinds: Kinds) -> tuple[str, ...]:
    """List the kinds of the environment beside the built-in ones: those that are rendered or may be pulled."""
    rendered = {group_kind(each.object["apiVersion"], each.kind) for each in manifests}
    pulled = {kind for allowed in kinds.values() for kind in allowed}
    found = (rendered | pulled) - IN_NAMESPACES.keys() - {"Secret"}
    return tuple(sorted(kind for kind in found if not is_cluster_scoped(kind.rpartition("/")[2])))


def watched(environment: Environment, job: GitOps, kinds: Iterable[str]) -> Mapping[str, Any]:
    """Describe what is watched, in the format that `python -m gitops` reads."""
    if _REPORT in environment.pulled():
        message = "the job reports what it only looks at under this name; choose another name for the app"
        raise ComponentError(("apps", _REPORT), message)
    pushed = sorted(environment.apps.keys() - environment.pulled().keys())
    expected = [
        {"kind": each.kind, "name": each.name, "because": each.because}
        for each in environment.foreign.values()
    ]
    found: dict[str, Any] = {
        "source": {
            "repository": job.repo,
            "path": environment_folder(environment.name),
            "revision": job.revision or f"env/{environment.name}",
            "include": ["fence/**/*.yaml", *(f"apps/{name}/*.yaml" for name in pushed)],
        },
        "namespaces": [scope.namespace for scope in watched_scopes(environment)],
        "kinds": list(kinds),
        "expected": expected,
    }
    return {name: value for name, value in found.items() if value}
