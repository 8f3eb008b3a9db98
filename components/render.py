"""Makes all manifests of an environment: the one list that is reviewed, judged, pushed and pulled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from components.errors import ComponentError
from components.fence.access import access, accounts
from components.fence.namespace import namespace
from components.fence.network import network
from components.job.job import gitops
from components.job.rights import gitops_access
from components.job.settings import Kinds
from components.job.watched import watched_kinds
from components.objects.manifest import Manifest, Part, Scope, made_by, ordered, plain
from components.own import own_components
from components.workloads.files import Contents
from components.workloads.manifests import manifests as own_manifests
from components.workloads.workload import is_typed, workload
from envs.config.model.environment import Environment
from kube.kinds import group_kind


def render(environment: Environment, contents: Contents, policies: Mapping[str, Any]) -> tuple[Manifest, ...]:
    """Make all objects of an environment with its components; the same input gives the same output.

    `policies` is what the GitOps job hands to the rules, as policies/context.py reads it.
    Raises ComponentError for what makes no valid object, such as a template that does not render.
    """
    manifests: list[Manifest] = []
    for name, app in environment.apps.items():
        scope = Scope(environment, name, app)
        manifests += _fence(scope)
        manifests += _workloads(scope, contents)
    kinds = _kinds(environment, manifests)
    manifests += _job(environment, kinds, watched_kinds(manifests, kinds), policies)
    check_unique(manifests)
    return tuple(manifests)


def check_unique(manifests: Iterable[Manifest]) -> None:
    """Raise ComponentError for two objects of the same kind, namespace and name."""
    seen: dict[str, Manifest] = {}
    for manifest in manifests:
        first = seen.setdefault(manifest.id, manifest)
        if first is not manifest:
            owner = ".".join(first.source)
            raise ComponentError(
                manifest.source, f"{manifest.id} is already made by {owner}; rename one of them"
            )


def _fence(scope: Scope) -> Iterator[Manifest]:
    path = ("apps", scope.name)
    team = scope.environment.teams.get(scope.app.team) if scope.app.team else None
    for make, objects in (
        (namespace, namespace(scope)),
        (access, access(scope, team)),
        (accounts, accounts(scope)),
        (network, network(scope)),
    ):
        for item in objects:
            yield Manifest(plain(item), Part.FENCE, scope.name, path, made_by(make))


def _workloads(scope: Scope, contents: Contents) -> Iterator[Manifest]:
    for name, model in scope.app.workloads.items():
        path = ("apps", scope.name, "workloads", name)
        for maker, item in workload(scope, name, model, contents):
            yield Manifest(item, Part.WORKLOAD, scope.name, path, maker, typed=is_typed(model))
    for key, item in own_manifests(scope):
        path = ("apps", scope.name, "manifests", key)
        yield Manifest(ordered(item), Part.WORKLOAD, scope.name, path, made_by(own_manifests), typed=False)
    for name, file, item in own_components(scope):
        path = ("apps", scope.name, "components", name)
        yield Manifest(ordered(item), Part.WORKLOAD, scope.name, path, file, typed=False)


def _job(
    environment: Environment, kinds: Kinds, others: Sequence[str], policies: Mapping[str, Any]
) -> Iterator[Manifest]:
    for make, objects in (
        (gitops, gitops(environment, kinds, others, policies)),
        (gitops_access, gitops_access(environment, kinds, others)),
    ):
        for item in objects:
            yield Manifest(plain(item), Part.FENCE, "", ("gitops",), made_by(make))


def _kinds(environment: Environment, manifests: list[Manifest]) -> Kinds:
    """List the kinds that the job applies for each pulled app."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for manifest in manifests:
        if manifest.part is Part.WORKLOAD:
            kinds[manifest.app].add(group_kind(manifest.object["apiVersion"], manifest.kind))
    return {
        name: sorted(app.source.kinds if app.source else kinds[name])
        for name, app in environment.pulled().items()
    }
